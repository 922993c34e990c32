/* Copies and flags of descriptors. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
	int fd = open("/dev/null", O_RDWR);
	dup(fd);
	dup2(fd, 10);
	dup3(fd, 11, O_CLOEXEC);
	dup2(99, 12);
	fcntl(fd, F_GETFD);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_GETFL);
	fcntl(fd, F_SETFL, O_NONBLOCK | O_APPEND);
	fcntl(fd, F_DUPFD, 20);
	fcntl(fd, F_DUPFD_CLOEXEC, 30);
	fcntl(99, F_GETFD);
	close_range(20, 40, 0);
	return 0;
}
