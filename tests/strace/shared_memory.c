/* Shared memory, messages and semaphores of System V. */
#define _GNU_SOURCE
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

int main(void)
{
	shmget(4242, 4096, 0600);
	msgget(4243, 0);
	semget(4244, 1, 0);
	shmdt(NULL);
	shmctl(-1, IPC_RMID, NULL);
	return 0;
}
