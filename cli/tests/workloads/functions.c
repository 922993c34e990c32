/*
 * Calls a function of its own five times, each of which passes a static marker (laid out as sys/sdt.h does).
 */
#include <stdio.h>

__attribute__((noinline)) int twice(int n)
{
	__asm__ volatile("990: nop\n"
			 ".pushsection .note.stapsdt,\"?\",\"note\"\n"
			 ".balign 4\n"
			 ".4byte 992f-991f,994f-993f,3\n"
			 "991: .asciz \"stapsdt\"\n"
			 "992: .balign 4\n"
			 "993: .8byte 990b\n"
			 ".8byte _.stapsdt.base\n"
			 ".8byte 0\n"
			 ".asciz \"workload\"\n"
			 ".asciz \"doubling\"\n"
			 ".asciz \"-4@%0\"\n"
			 "994: .balign 4\n"
			 ".popsection\n"
			 ".ifndef _.stapsdt.base\n"
			 ".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n"
			 ".weak _.stapsdt.base\n"
			 ".hidden _.stapsdt.base\n"
			 "_.stapsdt.base: .space 1\n"
			 ".size _.stapsdt.base, 1\n"
			 ".popsection\n"
			 ".endif\n" : : "r"(n));
	return 2 * n;
}

int main(void)
{
	int sum = 0;

	for (int n = 0; n < 5; n++)
		sum += twice(n);
	printf("%d\n", sum);
	return 0;
}
