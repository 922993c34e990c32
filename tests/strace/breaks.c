/* The end of the heap. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	char *end = sbrk(0);
	brk(end + 8192);
	brk(end);
	return 0;
}
