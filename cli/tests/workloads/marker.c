/*
 * Waits until somebody listens to its marker, and passes it over and over until nobody listens any more.
 */
#include <stdio.h>
#include <unistd.h>

__attribute__((section(".probes"))) volatile unsigned short counter;

static void pass(int n)
{
	__asm__ volatile("990: nop\n"
			 ".pushsection .note.stapsdt,\"\",\"note\"\n"
			 ".balign 4\n"
			 ".4byte 992f-991f,994f-993f,3\n"
			 "991: .asciz \"stapsdt\"\n"
			 "992: .balign 4\n"
			 "993: .8byte 990b, 0, counter\n"
			 ".asciz \"workload\"\n"
			 ".asciz \"counted\"\n"
			 ".asciz \"-4@%0\"\n"
			 "994: .balign 4\n"
			 ".popsection\n" : : "r"(n));
}

int main(void)
{
	int n;

	alarm(60);
	puts("waiting");
	fflush(stdout);
	while (!counter)
		usleep(1000);
	for (n = 1; counter; n++) {
		pass(n);
		usleep(1000);
	}
	puts("nobody listens");
	return 0;
}
