/* Asking what is allowed. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
	access("/dev/null", R_OK | W_OK);
	access("/dev/null", X_OK);
	access("/nonexistent", F_OK);
	faccessat(AT_FDCWD, "/dev/null", R_OK, AT_EACCESS);
	return 0;
}
