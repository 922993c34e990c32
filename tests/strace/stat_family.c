/* Asking about files. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
	struct stat st;
	int fd = open("file", O_RDWR | O_CREAT, 0640);
	write(fd, "12345", 5);
	fstat(fd, &st);
	stat("file", &st);
	stat("/dev/null", &st);
	lstat("/proc/self", &st);
	fstatat(AT_FDCWD, "nothing", &st, AT_SYMLINK_NOFOLLOW);
	stat("/dev", &st);
	return 0;
}
