/* Copying between files in the kernel. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

int main(void)
{
	off_t offset = 2;
	int in = open("in", O_RDWR | O_CREAT, 0644);
	int out = open("out", O_RDWR | O_CREAT, 0644);
	write(in, "0123456789", 10);
	sendfile(out, in, &offset, 5);
	sendfile(out, -1, NULL, 5);
	offset = 0;
	copy_file_range(in, &offset, out, NULL, 4, 0);
	return 0;
}
