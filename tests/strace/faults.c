/* Addresses that are none. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	syscall(SYS_open, 8, O_RDONLY);
	syscall(SYS_stat, "/dev/null", 8);
	syscall(SYS_write, 1, 8, 5);
	syscall(SYS_read, 0, NULL, 0);
	syscall(SYS_pipe, 8);
	return 0;
}
