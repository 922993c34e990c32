/* A file is opened, read to its end and closed. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
	char buffer[16];
	int fd = open("/proc/sys/kernel/ostype", O_RDONLY | O_CLOEXEC);
	while (read(fd, buffer, sizeof buffer) > 0)
		;
	close(fd);
	return 0;
}
