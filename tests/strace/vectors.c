/* Reading and writing several buffers. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void)
{
	char a[4], b[8];
	struct iovec out[3] = { { "one", 3 }, { "two", 3 }, { "", 0 } };
	struct iovec in[2] = { { a, sizeof a }, { b, sizeof b } };
	int fd = open("file", O_RDWR | O_CREAT, 0644);
	writev(fd, out, 3);
	preadv(fd, in, 2, 0);
	pwritev(fd, out, 2, 50);
	lseek(fd, 0, SEEK_SET);
	readv(fd, in, 2);
	readv(-1, in, 2);
	return 0;
}
