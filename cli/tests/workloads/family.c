/*
 * A family whose members make a known number of getppid calls: 2,500 in all.
 *
 *   20 grandchildren, 100 each. By default their parents end at once, so that they are orphans.
 *   A child with two threads, 100 each, the second of which then executes another program: 100.
 *   The first process, 100, and a child that it starts last and that executes another program: 100.
 *
 * With the argument `wait`, all but the last child are there before anything is read from stdin, and nobody is an
 * orphan.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int go[2], done[2];
static int waits;

static void calls(void)
{
	for (int n = 0; n < 100; n++)
		getppid();
}

static void until_end(int fd)
{
	char byte;

	while (read(fd, &byte, 1) > 0)
		;
}

static void other_program(void)
{
	execl("/proc/self/exe", "family", "leaf", NULL);
	_exit(1);
}

static void *first(void *unused)
{
	calls();
	return unused;
}

static void *second(void *other)
{
	pthread_join(*(pthread_t *)other, NULL);
	calls();
	other_program();
	return NULL;
}

static void grandchild(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		until_end(go[0]);
		calls();
		_exit(0);
	}
	if (waits) {
		close(done[1]);
		waitpid(pid, NULL, 0);
	}
	_exit(0);
}

static void threads(void)
{
	pthread_t one, two;

	until_end(go[0]);
	pthread_create(&one, NULL, first, NULL);
	pthread_create(&two, NULL, second, &one);
	pthread_join(two, NULL);
	_exit(1);
}

static void child(void (*work)(void))
{
	if (fork() == 0) {
		close(go[1]);
		work();
	}
}

static void leaf(void)
{
	calls();
	_exit(0);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	char byte;

	if (strcmp(how, "leaf") == 0)
		leaf();
	waits = strcmp(how, "wait") == 0;
	if (pipe(go) < 0 || pipe(done) < 0)
		return 1;
	for (int n = 0; n < 20; n++)
		child(grandchild);
	child(threads);
	for (int n = 0; n < 20 && !waits; n++)
		wait(NULL);
	if (waits && (write(1, "ready\n", 6) < 0 || read(0, &byte, 1) < 0))
		return 1;
	close(go[1]);
	child(other_program);
	calls();
	close(done[1]);
	until_end(done[0]);
	return 0;
}
