/* Symbolic links. */
#define _GNU_SOURCE
#include <unistd.h>

int main(void)
{
	char buffer[64];
	symlink("a rather long target of a symbolic link", "link");
	readlink("link", buffer, sizeof buffer);
	readlink("link", buffer, 4);
	readlink("nothing", buffer, sizeof buffer);
	return 0;
}
