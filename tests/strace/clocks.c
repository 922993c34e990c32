/* Clocks, past the C library. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	struct timespec now;
	syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
	syscall(SYS_clock_getres, CLOCK_MONOTONIC, &now);
	syscall(SYS_clock_gettime, 99, &now);
	return 0;
}
