/* Processes that make calls of their own: a child, a thread, and a grandchild that waits until it is killed. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void *thread(void *unused)
{
	for (int i = 0; i < 5; i++)
		getppid();
	/* So that the join surely waits. */
	usleep(20000);
	return unused;
}

int main(void)
{
	for (int i = 0; i < 100; i++)
		close(-1);
	pthread_t id;
	pthread_create(&id, NULL, thread, NULL);
	pthread_join(id, NULL);
	pid_t child = fork();
	if (child == 0) {
		int ready[2];
		if (pipe(ready))
			return 1;
		pid_t grandchild = fork();
		if (grandchild == 0) {
			for (int i = 0; i < 7; i++)
				access("/nonexistent", F_OK);
			close(ready[1]);
			pause();
			_exit(1);
		}
		close(ready[1]);
		char byte;
		if (read(ready[0], &byte, 1) != 0)
			return 1;
		/* So that it is surely in pause(). */
		usleep(20000);
		kill(grandchild, SIGKILL);
		wait(NULL);
		_exit(0);
	}
	int status;
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}
