/* Calls of which examples know how many there are. The argument is the name of a file; else it is made up. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LARGE (64 << 20)

static long call32(long number)
{
	long result;
	asm volatile("int $0x80"
		     : "=a"(result)
		     : "a"(number)
		     : "memory", "r8", "r9", "r10", "r11");
	return result;
}

int main(int argc, char **argv)
{
	char name[64];
	for (int i = 0; i < 5; i++)
		close(99);
	for (int i = 0; i < 3; i++)
		mmap(NULL, LARGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mmap(NULL, LARGE, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 2; i++)
		open("/tmp", O_TMPFILE | O_RDWR, 0600);
	if (argc > 1)
		snprintf(name, sizeof name, "%s", argv[1]);
	else
		snprintf(name, sizeof name, "/tmp/lab-%d", getpid());
	open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	unlink(name);
	/* getuid, by its 32-bit number. */
	for (int i = 0; i < 7; i++)
		call32(24);
	ptrace(PTRACE_CONT, 4194999, 0, 0);
	for (int i = 0; i < 6; i++)
		write(99, "", 0);
	for (int i = 0; i < 3; i++)
		syscall(SYS_setns, 1, 0xffff);
	if (chroot("/nonexistent") == 0)
		return 1;

	/* What a reverse shell does. */
	struct sockaddr_in server = { AF_INET, 0, { htonl(INADDR_LOOPBACK) }, { 0 } };
	socklen_t size = sizeof server;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&server, size) || listen(listener, 1))
		return 1;
	/* Any port that is free. */
	if (getsockname(listener, (struct sockaddr *)&server, &size))
		return 1;
	int client = socket(AF_INET, SOCK_STREAM, 0);
	struct linger reset = { 1, 0 };
	setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	if (connect(client, (struct sockaddr *)&server, size))
		return 1;
	dup2(client, 0);
	execl("/bin/true", "true", NULL);
	return 1;
}
