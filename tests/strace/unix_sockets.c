/* Sockets with a path. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(void)
{
	struct sockaddr_un name = { AF_UNIX, "socket" }, peer;
	socklen_t length = sizeof peer;
	int server = socket(AF_UNIX, SOCK_STREAM, 0);
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	connect(client, (struct sockaddr *)&name, sizeof name);
	bind(server, (struct sockaddr *)&name, sizeof name);
	listen(server, 5);
	connect(client, (struct sockaddr *)&name, sizeof name);
	accept4(server, (struct sockaddr *)&peer, &length, SOCK_CLOEXEC);
	length = sizeof peer;
	getsockname(server, (struct sockaddr *)&peer, &length);
	return 0;
}
