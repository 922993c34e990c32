/* Moving data through pipes in the kernel. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void)
{
	int one[2], two[2];
	struct iovec piece = { "piece", 5 };
	pipe(one);
	pipe2(two, O_CLOEXEC | O_NONBLOCK);
	write(one[1], "abcdefgh", 8);
	tee(one[0], two[1], 4, SPLICE_F_NONBLOCK);
	splice(one[0], NULL, two[1], NULL, 8, SPLICE_F_MOVE | SPLICE_F_MORE);
	vmsplice(one[1], &piece, 1, 0);
	return 0;
}
