/* Sessions and groups of processes. */
#define _GNU_SOURCE
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	pid_t child = fork();
	if (child == 0) {
		setsid();
		getpgid(4194999);
		setpgid(0, 0);
		_exit(0);
	}
	int status;
	waitpid(child, &status, 0);
	return 0;
}
