/* Asking about files by statx. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
	struct statx stx;
	statx(AT_FDCWD, "/nonexistent", AT_STATX_SYNC_AS_STAT, STATX_BASIC_STATS, &stx);
	statx(-1, "", AT_EMPTY_PATH, STATX_SIZE | STATX_MODE, &stx);
	return 0;
}
