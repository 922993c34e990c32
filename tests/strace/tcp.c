/* A connection over TCP. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	int one = 1;
	char buffer[16];
	struct linger reset = { 1, 0 };
	struct sockaddr_in name = { AF_INET, htons(47123), { htonl(INADDR_LOOPBACK) }, { 0 } }, peer;
	struct sockaddr_in own = { AF_INET, htons(47124), { htonl(INADDR_LOOPBACK) }, { 0 } };
	socklen_t length = sizeof peer;
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_IP);
	int client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	setsockopt(client, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	bind(server, (struct sockaddr *)&name, sizeof name);
	bind(client, (struct sockaddr *)&own, sizeof own);
	listen(server, 1);
	connect(client, (struct sockaddr *)&name, sizeof name);
	int accepted = accept(server, (struct sockaddr *)&peer, &length);
	sendto(client, "request", 7, 0, NULL, 0);
	recvfrom(accepted, buffer, sizeof buffer, 0, NULL, NULL);
	getpeername(accepted, (struct sockaddr *)&peer, &length);
	close(client);
	close(accepted);
	return 0;
}
