/* A child that borrows the memory, and another program. */
#define _GNU_SOURCE
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	char *words[] = { "true", "one", "two words", NULL };
	char *environment[] = { "A=b", NULL };
	pid_t child = vfork();
	if (child == 0) {
		execve("/nonexistent/true", words, environment);
		_exit(3);
	}
	int status;
	waitpid(child, &status, 0);
	return 0;
}
