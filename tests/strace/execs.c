/* Another program in this process. */
#define _GNU_SOURCE
#include <unistd.h>

int main(int count, char **words)
{
	char *again[] = { words[0], "again", "an argument that is rather long, longer than strings print", NULL };
	char *environment[] = { "ONE=1", "TWO=2", NULL };
	if (count == 1)
		execve(words[0], again, environment);
	return 5;
}
