/* Pipes and their ends. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

int main(void)
{
	int ends[2];
	char buffer[8];
	pipe2(ends, O_CLOEXEC);
	write(ends[1], "ping", 4);
	read(ends[0], buffer, sizeof buffer);
	close(ends[1]);
	read(ends[0], buffer, sizeof buffer);
	fcntl(ends[0], F_GETPIPE_SZ);
	pipe2(NULL, 0);
	return 0;
}
