/* Waiting for descriptors by select. */
#define _GNU_SOURCE
#include <sys/select.h>
#include <unistd.h>

int main(void)
{
	int ends[2];
	struct timeval timeout = { 0, 1000 };
	fd_set reads, writes;
	pipe(ends);
	FD_ZERO(&reads);
	FD_ZERO(&writes);
	FD_SET(ends[0], &reads);
	FD_SET(ends[1], &writes);
	select(ends[1] + 1, &reads, &writes, NULL, NULL);
	select(0, NULL, NULL, NULL, &timeout);
	return 0;
}
