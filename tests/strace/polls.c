/* Waiting for descriptors by poll. */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	int ends[2];
	struct timespec timeout = { 0, 1000000 };
	pipe(ends);
	struct pollfd fds[2] = { { ends[0], POLLIN, 0 }, { ends[1], POLLOUT | POLLPRI, 0 } };
	poll(fds, 2, -1);
	poll(fds, 1, 1);
	write(ends[1], "x", 1);
	poll(fds, 2, 0);
	ppoll(fds, 1, &timeout, NULL);
	poll(NULL, 0, 1);
	return 0;
}
