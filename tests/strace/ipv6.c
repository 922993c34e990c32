/* Addresses of IPv6, and nobody who listens. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	struct sockaddr_in6 name = { .sin6_family = AF_INET6, .sin6_port = htons(9), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in old = { AF_INET, htons(9), { htonl(INADDR_LOOPBACK) }, { 0 } };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	connect(fd, (struct sockaddr *)&name, 4);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	connect(fd, (struct sockaddr *)&old, sizeof old);
	connect(-1, (struct sockaddr *)&old, sizeof old);
	socket(AF_INET, SOCK_STREAM, 77);
	return 0;
}
