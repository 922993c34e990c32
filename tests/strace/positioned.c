/* Reading and writing at places. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
	char buffer[8];
	int fd = open("file", O_RDWR | O_CREAT, 0644);
	pwrite(fd, "abcdef", 6, 100);
	pread(fd, buffer, 3, 102);
	pread(fd, buffer, 8, 1000000000000);
	pread(fd, buffer, 8, -1);
	return 0;
}
