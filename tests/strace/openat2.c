/* How a file is to be opened, in a structure. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS };
	syscall(SYS_openat2, AT_FDCWD, "/dev/null", &how, sizeof how);
	how.resolve = RESOLVE_BENEATH | RESOLVE_IN_ROOT;
	syscall(SYS_openat2, AT_FDCWD, "/dev/null", &how, sizeof how);
	return 0;
}
