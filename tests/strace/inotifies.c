/* Watching files. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

int main(void)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	int watch = inotify_add_watch(fd, ".", IN_CREATE | IN_DELETE | IN_MODIFY);
	inotify_add_watch(fd, "/nonexistent", IN_ALL_EVENTS);
	inotify_rm_watch(fd, watch);
	inotify_rm_watch(fd, 99);
	return 0;
}
