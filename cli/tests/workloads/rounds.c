/*
 * A little of all that the examples look at, one thing after the other: nobody runs while somebody else does, so that
 * every run has the same calls in the same order, but for who is first when a process is born or ends.
 *
 * Arguments: a folder for a file, and the program `lab`, which is run, too.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOBODY 4194999

static void files(void)
{
	char text[64];
	struct stat status;
	int file = open("/etc/hostname", O_RDONLY);

	for (int n = 0; n < 4; n++)
		if (read(file, text, 8) < 0)
			exit(1);
	close(file);
	open("/nonexistent/file", O_RDONLY);
	open("", O_RDONLY);
	open(NULL, O_RDONLY);
	stat("/nonexistent/name", &status);
	lstat("/etc", &status);
	access("/nonexistent", R_OK);
	file = open("rounds", O_CREAT | O_RDWR | O_TRUNC, 0600);
	if (write(file, "some text", 9) != 9)
		exit(1);
	fdatasync(file);
	fsync(file);
	close(file);
	unlink("rounds");
}

static void ordinary_user(void)
{
	if (setresuid(-1, 1, -1))
		exit(1);
	open("/etc/shadow", O_RDONLY);
	if (setuid(0))
		kill(1, 0);
}

static void signals_and_sleep(void)
{
	struct timespec time = { 0, 3000000 };

	kill(NOBODY, SIGUSR1);
	kill(1, 0);
	nanosleep(&time, NULL);
}

/* Fails at first. Its words lie where they have been written: the kernel reads nothing that is not in memory yet. */
static void other_program(char *lab)
{
	char missing[] = "/nonexistent/program", program[] = "program";
	char name[] = "lab", file[] = "lab-file";

	execl(missing, program, NULL);
	execl(lab, name, file, NULL);
	exit(1);
}

static void in_child(void (*work)(void), char *lab)
{
	pid_t child = fork();

	if (child == 0) {
		if (lab)
			other_program(lab);
		work();
		_exit(3);
	}
	waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
	if (argc < 3 || chdir(argv[1]))
		return 1;
	files();
	in_child(signals_and_sleep, NULL);
	in_child(ordinary_user, NULL);
	in_child(files, NULL);
	in_child(NULL, argv[2]);
	return 0;
}
