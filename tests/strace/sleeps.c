/* Sleeping. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	struct timespec wait = { 0, 1000000 }, wrong = { 0, 2000000000 };
	nanosleep(&wait, NULL);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, NULL);
	syscall(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &wait, NULL);
	nanosleep(&wrong, NULL);
	return 0;
}
