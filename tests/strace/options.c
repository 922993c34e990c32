/* Options of sockets. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	int value, fd = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t length = sizeof value;
	getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &length);
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &length);
	value = 1;
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, sizeof value);
	setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &value, sizeof value);
	setsockopt(-1, SOL_SOCKET, SO_KEEPALIVE, &value, sizeof value);
	return 0;
}
