/* Mapping memory. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0644);
	ftruncate(fd, 8192);
	void *private = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *shared = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 4096);
	mmap(private, 4096, PROT_NONE, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	mmap(NULL, 0, PROT_READ, MAP_PRIVATE, fd, 0);
	munmap(shared, 4096);
	munmap((void *)1, 4096);
	return 0;
}
