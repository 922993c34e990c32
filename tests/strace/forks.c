/* A child and its end. */
#define _GNU_SOURCE
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int status;
	pid_t child = fork();
	if (child == 0)
		_exit(42);
	waitpid(child, &status, 0);
	wait4(-1, &status, WNOHANG, NULL);
	return 0;
}
