/* Commands to devices. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

int main(void)
{
	struct winsize size;
	struct termios terminal;
	int pending, ends[2];
	int fd = open("/dev/null", O_RDWR);
	pipe(ends);
	write(ends[1], "12345", 5);
	ioctl(ends[0], FIONREAD, &pending);
	ioctl(fd, TIOCGWINSZ, &size);
	ioctl(fd, TCGETS, &terminal);
	ioctl(fd, FIOCLEX);
	ioctl(-1, FIONBIO, &pending);
	return 0;
}
