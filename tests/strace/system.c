/* The system. */
#define _GNU_SOURCE
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

int main(void)
{
	struct utsname name;
	struct statfs fs;
	uname(&name);
	statfs("/nonexistent", &fs);
	sethostname(NULL, 1);
	return 0;
}
