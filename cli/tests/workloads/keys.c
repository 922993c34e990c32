/*
 * Two threads that close the same descriptors, which nobody has, in step: each new number is met by
 * both for the first time at the same moment.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FIRST = 1000000 };

static long keys;
static atomic_long arrived;

static void *work(void *unused)
{
	(void)unused;
	for (long key = 0; key < keys; key++) {
		atomic_fetch_add(&arrived, 1);
		for (int spin = 0; atomic_load(&arrived) < 2 * (key + 1); spin++)
			if (spin > 1000)
				sched_yield();
		syscall(SYS_close, FIRST + key);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];

	keys = argc > 1 ? atol(argv[1]) : 1;
	for (int n = 0; n < 2; n++)
		pthread_create(&threads[n], NULL, work, NULL);
	for (int n = 0; n < 2; n++)
		pthread_join(threads[n], NULL);
	return 0;
}
