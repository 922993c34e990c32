/* Looking into others. */
#define _GNU_SOURCE
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void)
{
	struct iovec here = { "x", 1 }, there = { (void *)8, 1 };
	ptrace(PTRACE_PEEKDATA, 4194999, 8, 0);
	ptrace(PTRACE_CONT, 4194999, 0, 0);
	process_vm_readv(4194999, &here, 1, &there, 1, 0);
	return 0;
}
