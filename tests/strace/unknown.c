/* Numbers that are no calls. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	syscall(9999, 1, 2, 3, 4, 5, 6);
	syscall(400, 6, 5, 4, 3, 2, 1);
	return 0;
}
