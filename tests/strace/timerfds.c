/* Timers as descriptors. */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/timerfd.h>
#include <unistd.h>

int main(void)
{
	uint64_t expirations;
	struct itimerspec once = { { 0, 0 }, { 0, 1000000 } }, off = { { 0, 0 }, { 0, 0 } };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	timerfd_settime(fd, 0, &once, NULL);
	read(fd, &expirations, sizeof expirations);
	timerfd_settime(fd, TFD_TIMER_ABSTIME, &off, NULL);
	timerfd_gettime(fd, &once);
	return 0;
}
