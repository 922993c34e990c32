/* Times of files. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
	struct timespec times[2] = { { 0, UTIME_OMIT }, { 1000000000, 5 } };
	int fd = open("file", O_RDWR | O_CREAT, 0644);
	futimens(fd, times);
	futimens(fd, NULL);
	utimensat(AT_FDCWD, "nothing", times, AT_SYMLINK_NOFOLLOW);
	return 0;
}
