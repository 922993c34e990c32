/* Two threads that call getppid as often as the argument says, at the same time. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static long calls;
static pthread_barrier_t start;

static void *work(void *unused)
{
	(void)unused;
	pthread_barrier_wait(&start);
	for (long n = 0; n < calls; n++)
		syscall(SYS_getppid);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];

	calls = argc > 1 ? atol(argv[1]) : 1;
	pthread_barrier_init(&start, NULL, 2);
	for (int n = 0; n < 2; n++)
		pthread_create(&threads[n], NULL, work, NULL);
	for (int n = 0; n < 2; n++)
		pthread_join(threads[n], NULL);
	return 0;
}
