/* Messages in pieces. */
#define _GNU_SOURCE
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void)
{
	int ends[2];
	char a[4], b[8];
	struct iovec out[2] = { { "one", 3 }, { "two", 3 } }, in[2] = { { a, sizeof a }, { b, sizeof b } };
	struct msghdr message = { .msg_iov = out, .msg_iovlen = 2 };
	socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
	sendmsg(ends[0], &message, MSG_NOSIGNAL);
	message.msg_iov = in;
	recvmsg(ends[1], &message, 0);
	recvmsg(ends[1], &message, MSG_DONTWAIT);
	return 0;
}
