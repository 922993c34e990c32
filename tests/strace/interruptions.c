/* A call that a signal interrupts. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void handle(int signal)
{
	(void)signal;
}

int main(void)
{
	struct sigaction action = { .sa_handler = handle };
	struct itimerval timer = { { 0, 0 }, { 0, 5000 } };
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	pause();
	alarm(10);
	alarm(0);
	return 0;
}
