/*
 * Functions with names as C++ compilers make them, of two arguments each; a variable; a thread.
 */
#include <pthread.h>
#include <stdio.h>

int answer = 42;

__attribute__((noinline)) int of_int(int n) __asm__("_ZN2ns1fEi");
__attribute__((noinline)) int of_int(int n)
{
	__asm__ volatile("" : : : "memory");
	return n + answer;
}

__attribute__((noinline)) int of_text(const char *s) __asm__("_ZN2ns1fEPKc");
__attribute__((noinline)) int of_text(const char *s)
{
	__asm__ volatile("" : : : "memory");
	return s[0];
}

static void *work(void *unused)
{
	int n = of_int(2);

	printf("%d\n", n);
	return unused;
}

int main(void)
{
	pthread_t thread;

	printf("%d\n", of_int(1) + of_text("a"));
	pthread_create(&thread, NULL, work, NULL);
	pthread_join(thread, NULL);
	return 0;
}
