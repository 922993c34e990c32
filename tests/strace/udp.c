/* Datagrams. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	char buffer[16];
	struct sockaddr_in name = { AF_INET, htons(47125), { htonl(INADDR_LOOPBACK) }, { 0 } }, peer;
	socklen_t length = sizeof peer;
	int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	bind(fd, (struct sockaddr *)&name, sizeof name);
	sendto(fd, "datagram", 8, 0, (struct sockaddr *)&name, sizeof name);
	recvfrom(fd, buffer, sizeof buffer, 0, (struct sockaddr *)&peer, &length);
	recvfrom(fd, buffer, sizeof buffer, MSG_DONTWAIT, NULL, NULL);
	return 0;
}
