/* A signal and its handler. */
#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>

static void handle(int signal)
{
	(void)signal;
}

int main(void)
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_RESTART };
	sigaction(SIGUSR1, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	raise(SIGUSR1);
	kill(4194999, SIGTERM);
	kill(getpid(), 0);
	kill(getpid(), 99);
	return 0;
}
