/* Users and groups. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

int main(void)
{
	uid_t real, effective, saved;
	gid_t groups[2] = { 0, 10 };
	getuid();
	geteuid();
	getgid();
	getegid();
	getresuid(&real, &effective, &saved);
	syscall(SYS_setresuid, -1, 0, -1);
	syscall(SYS_setgroups, 2, groups);
	syscall(SYS_setuid, 65534);
	syscall(SYS_setuid, 0);
	return 0;
}
