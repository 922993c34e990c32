/* Calls of 32 bits from a process of 64. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

static long call(long number, long a, long b, long c)
{
	long result;
	asm volatile("int $0x80"
		     : "=a"(result)
		     : "a"(number), "b"(a), "c"(b), "d"(c)
		     : "memory", "r8", "r9", "r10", "r11");
	return result;
}

int main(void)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	const char name[] = "/dev/null";
	for (unsigned i = 0; i < sizeof name; i++)
		low[i] = name[i];
	call(33, (long)low, 4, 0);
	long fd = call(5, (long)low, 2, 0);
	call(4, fd, (long)low, 5);
	call(6, fd, 0, 0);
	call(6, -1, 0, 0);
	return 0;
}
