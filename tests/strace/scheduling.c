/* Priorities and processors. */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

int main(void)
{
	struct sched_param parameter = { 0 };
	getpriority(PRIO_PROCESS, 0);
	setpriority(PRIO_PROCESS, 0, 5);
	sched_yield();
	sched_getscheduler(0);
	sched_setscheduler(0, SCHED_BATCH, &parameter);
	sched_get_priority_max(SCHED_FIFO);
	return 0;
}
