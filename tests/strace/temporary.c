/* Files without a name. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
	int fd = open(".", O_TMPFILE | O_RDWR, 0600);
	write(fd, "x", 1);
	open("unique", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return 0;
}
