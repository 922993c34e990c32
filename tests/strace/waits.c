/* Waiting in several ways. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	siginfo_t info;
	pid_t child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	waitpid(child, NULL, WNOHANG | WUNTRACED);
	kill(child, SIGKILL);
	int status;
	waitpid(child, &status, __WALL);
	waitid(P_PID, 4194999, &info, WEXITED | WNOHANG);
	return 0;
}
