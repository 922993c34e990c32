/* Threads. */
#define _GNU_SOURCE
#include <pthread.h>
#include <unistd.h>

static void *run(void *unused)
{
	access("/dev/null", F_OK);
	return unused;
}

int main(void)
{
	pthread_t thread;
	pthread_create(&thread, NULL, run, NULL);
	usleep(50000);
	pthread_join(thread, NULL);
	return 0;
}
