/* Writing and seeking. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0644);
	write(fd, "hello\tworld\n\"quoted\" \\ \001\377end", 29);
	write(fd, "0123456789012345678901234567890123456789", 40);
	lseek(fd, 10, SEEK_SET);
	lseek(fd, -3, SEEK_END);
	lseek(fd, 0, SEEK_CUR);
	lseek(fd, 0, SEEK_DATA);
	lseek(fd, -1, SEEK_SET);
	write(fd, "", 0);
	write(-1, "x", 1);
	close(fd);
	return 0;
}
