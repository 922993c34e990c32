/* Extended attributes. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

int main(void)
{
	char buffer[64];
	int fd = open("file", O_RDWR | O_CREAT, 0644);
	setxattr("file", "user.colour", "green", 5, XATTR_CREATE);
	fsetxattr(fd, "user.colour", "blue", 4, XATTR_REPLACE);
	getxattr("file", "user.colour", buffer, sizeof buffer);
	fgetxattr(fd, "user.nothing", buffer, sizeof buffer);
	removexattr("file", "user.colour");
	getxattr("nothing", "user.colour", buffer, sizeof buffer);
	return 0;
}
