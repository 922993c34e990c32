/* Mounting what there is not. */
#define _GNU_SOURCE
#include <sys/mount.h>
#include <unistd.h>

int main(void)
{
	mount("none", "/nonexistent", "tmpfs", MS_NOSUID | MS_NODEV, "size=1m");
	umount2("/nonexistent", MNT_DETACH);
	umount2("/nonexistent", UMOUNT_NOFOLLOW | MNT_EXPIRE);
	chroot("/nonexistent");
	return 0;
}
