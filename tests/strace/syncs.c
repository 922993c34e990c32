/* Writing to the disk. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0644);
	write(fd, "x", 1);
	fsync(fd);
	fdatasync(fd);
	fsync(-1);
	sync_file_range(fd, 0, 1, SYNC_FILE_RANGE_WRITE);
	return 0;
}
