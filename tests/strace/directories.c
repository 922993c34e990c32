/* Directories. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	char buffer[1024];
	mkdir("d", 0755);
	mkdir("d", 0755);
	mkdirat(AT_FDCWD, "d/e", 0700);
	chdir("d");
	rmdir("e");
	int fd = open(".", O_RDONLY | O_DIRECTORY);
	syscall(SYS_getdents64, fd, buffer, sizeof buffer);
	syscall(SYS_getdents64, fd, buffer, sizeof buffer);
	fchdir(fd);
	chdir("/nonexistent");
	rmdir("/nonexistent");
	chdir("/");
	getcwd(buffer, sizeof buffer);
	return 0;
}
