/* Waiting in several ways. */
#define _GNU_SOURCE
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	siginfo_t info;
	pid_t child = fork();
	if (child == 0) {
		_exit(7);
	}
	int status;
	waitid(P_PID, child, &info, WEXITED | WNOWAIT);
	waitpid(child, &status, __WALL | WUNTRACED);
	waitid(P_PID, 4194999, &info, WEXITED | WNOHANG);
	return 0;
}
