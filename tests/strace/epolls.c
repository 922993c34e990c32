/* Waiting for descriptors by epoll. */
#define _GNU_SOURCE
#include <sys/epoll.h>
#include <unistd.h>

int main(void)
{
	int ends[2];
	struct epoll_event ready[4], event = { .events = EPOLLIN | EPOLLET, .data.u32 = 7 };
	pipe(ends);
	int fd = epoll_create1(EPOLL_CLOEXEC);
	epoll_ctl(fd, EPOLL_CTL_ADD, ends[0], &event);
	epoll_ctl(fd, EPOLL_CTL_ADD, ends[0], &event);
	epoll_wait(fd, ready, 4, 0);
	write(ends[1], "x", 1);
	epoll_wait(fd, ready, 4, -1);
	epoll_ctl(fd, EPOLL_CTL_DEL, ends[0], NULL);
	epoll_create(1);
	return 0;
}
