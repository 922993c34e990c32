/* Modes and owners. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0644);
	chmod("file", 0600);
	fchmod(fd, 04755);
	fchmodat(AT_FDCWD, "file", 01777, 0);
	chown("file", 0, 0);
	lchown("file", -1, 0);
	fchown(fd, 0, -1);
	fchownat(AT_FDCWD, "nothing", 1, 2, AT_SYMLINK_NOFOLLOW);
	umask(022);
	umask(0777);
	mknod("fifo", S_IFIFO | 0644, 0);
	return 0;
}
