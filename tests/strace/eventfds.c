/* Counters as descriptors. */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int main(void)
{
	uint64_t value = 5;
	int fd = eventfd(3, EFD_CLOEXEC | EFD_NONBLOCK);
	write(fd, &value, sizeof value);
	read(fd, &value, sizeof value);
	read(fd, &value, sizeof value);
	eventfd(0, EFD_SEMAPHORE);
	return 0;
}
