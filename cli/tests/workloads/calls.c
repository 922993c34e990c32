/* Makes system calls whose number is known, in the ways that tracers get wrong: the argument says which. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* 50 children by clone, which returns twice. */
static void clones(void) {
  for (int i = 0; i < 50; i++) {
    int pid = fork();
    if (pid == 0)
      _exit(0);
    waitpid(pid, 0, 0);
  }
}

/* The same with vfork, 10 times. */
static void vforks(void) {
  for (int i = 0; i < 10; i++) {
    int pid = vfork();
    if (pid == 0)
      _exit(0);
    waitpid(pid, 0, 0);
  }
}

/* One getppid that runs, then 7 that have an exit only. */
static void refused(void) {
  struct sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  struct sock_fprog program = {4, rules};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  syscall(SYS_getppid);
  prctl(PR_SET_SECCOMP, 2, &program);
  for (int i = 0; i < 7; i++)
    syscall(SYS_getppid);
}

static void *wait_forever(void *nothing) {
  pause();
  return nothing;
}

/* exit_group while 64 threads are in pause. */
static void threads(void) {
  pthread_t thread;
  for (int i = 0; i < 64; i++)
    pthread_create(&thread, 0, wait_forever, 0);
  usleep(50000);
  exit(0);
}

static void *run_true(void *nothing) {
  execl("/bin/true", "true", (char *)0);
  return nothing;
}

/* execve from a thread that is not the first. */
static void exec_in_thread(void) {
  pthread_t thread;
  pthread_create(&thread, 0, run_true, 0);
  pause();
}

/* A null pointer, a bad one, and one to a page that nobody has touched. */
static void pointers(const char *file) {
  syscall(SYS_openat, AT_FDCWD, 0, 0);
  syscall(SYS_openat, AT_FDCWD, (char *)8, 0);
  int fd = open(file, O_RDWR | O_CREAT, 0600);
  if (pwrite(fd, "/nonexistent/page", 18, 0) != 18)
    _exit(1);
  syscall(SYS_openat, AT_FDCWD,
          mmap(0, 4096, PROT_READ, MAP_SHARED, fd, 0), O_RDONLY);
}

#ifdef __x86_64__
static long int80(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "a"(number), "b"(a), "c"(b), "d"(c)
                   : "memory");
  return result;
}

/* Five openat and three getppid of i386; two calls of x86_64 that have openat's number there. */
static void compat(void) {
  char *page = mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  strcpy(page, "/nonexistent/32");
  for (int i = 0; i < 5; i++)
    int80(295, AT_FDCWD, (long)page, O_RDONLY);
  for (int i = 0; i < 3; i++)
    int80(64, 0, 0, 0);
  for (int i = 0; i < 2; i++)
    syscall(295, -1, 0, 0, 0);
}
#endif

int main(int count, char **words) {
  const char *what = count > 1 ? words[1] : "";
  if (!strcmp(what, "clones"))
    clones();
  if (!strcmp(what, "vforks"))
    vforks();
  if (!strcmp(what, "refused"))
    refused();
  if (!strcmp(what, "threads"))
    threads();
  if (!strcmp(what, "exec_in_thread"))
    exec_in_thread();
  if (!strcmp(what, "pointers"))
    pointers(words[2]);
  if (!strcmp(what, "execveat"))
    syscall(SYS_execveat, AT_FDCWD, "/bin/true", words + 1, 0, 0);
#ifdef __x86_64__
  if (!strcmp(what, "compat"))
    compat();
#endif
  return 0;
}
