/* Random numbers. */
#define _GNU_SOURCE
#include <sys/random.h>
#include <unistd.h>

int main(void)
{
	char buffer[4];
	getrandom(buffer, sizeof buffer, GRND_NONBLOCK);
	getrandom(buffer, sizeof buffer, 0x80);
	return 0;
}
