/* A file name on a page that nobody has touched. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static const char page[8192] __attribute__((aligned(4096))) = "/dev/null";

int main(void)
{
	open(page, O_RDONLY);
	open(page + 4096, O_RDONLY);
	return 0;
}
