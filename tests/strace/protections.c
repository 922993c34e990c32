/* Changing mapped memory. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
	void *memory = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	mprotect(memory, 4096, PROT_READ | PROT_EXEC);
	mprotect(memory, 4096, PROT_NONE);
	madvise(memory, 65536, MADV_DONTNEED);
	madvise(memory, 65536, MADV_SEQUENTIAL);
	msync(memory, 4096, MS_SYNC);
	memory = mremap(memory, 65536, 131072, MREMAP_MAYMOVE);
	mlock(memory, 4096);
	munlock(memory, 4096);
	return 0;
}
