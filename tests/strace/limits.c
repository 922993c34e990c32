/* Limits. */
#define _GNU_SOURCE
#include <sys/resource.h>
#include <unistd.h>

int main(void)
{
	struct rlimit limit = { 1024, 4096 };
	setrlimit(RLIMIT_NOFILE, &limit);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = 8192;
	setrlimit(RLIMIT_NOFILE, &limit);
	getrlimit(77, &limit);
	prlimit(0, RLIMIT_CORE, NULL, &limit);
	return 0;
}
