/* Files that cannot be opened. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
	open("/nonexistent/file", O_RDONLY);
	open("/dev/null/file", O_RDONLY);
	open("/proc", O_WRONLY);
	open("", O_RDWR | O_CREAT, 0600);
	open("new", O_WRONLY | O_CREAT | O_EXCL, 0640);
	open("new", O_WRONLY | O_CREAT | O_EXCL | O_TRUNC, 0640);
	openat(-1, "file", O_RDONLY | O_DIRECTORY);
	open("new", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_APPEND | O_NOATIME);
	return 0;
}
