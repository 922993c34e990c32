/* Names of files. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	close(open("a", O_CREAT | O_WRONLY, 0600));
	rename("a", "b");
	link("b", "c");
	symlink("c", "d");
	renameat2(AT_FDCWD, "b", AT_FDCWD, "c", RENAME_NOREPLACE);
	linkat(AT_FDCWD, "d", AT_FDCWD, "e", AT_SYMLINK_FOLLOW);
	rename("nothing", "x");
	unlink("b");
	unlink("b");
	unlinkat(AT_FDCWD, "c", 0);
	unlinkat(AT_FDCWD, "d", AT_REMOVEDIR);
	return 0;
}
