/* Pairs of sockets. */
#define _GNU_SOURCE
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	int ends[2];
	char buffer[16];
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
	send(ends[0], "hello", 5, MSG_NOSIGNAL);
	recv(ends[1], buffer, sizeof buffer, MSG_DONTWAIT);
	recv(ends[1], buffer, sizeof buffer, MSG_DONTWAIT);
	shutdown(ends[0], SHUT_WR);
	recv(ends[1], buffer, sizeof buffer, 0);
	return 0;
}
