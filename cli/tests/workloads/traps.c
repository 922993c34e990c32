/* Makes system calls whose number is known, in the ways that tracers get wrong: the first argument says which.
   For x86_64: of 64 bits, and with calls of 32 bits and of x32. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* Returns when a process sleeps in the call whose line in /proc/PID/syscall begins so. */
static void wait_until(int pid, const char *call) {
  char path[64], line[256];
  snprintf(path, sizeof path, "/proc/%d/syscall", pid);
  for (;;) {
    int fd = open(path, O_RDONLY);
    ssize_t length = read(fd, line, sizeof line - 1);
    close(fd);
    if (length > 0) {
      line[length] = 0;
      if (!strncmp(line, call, strlen(call)))
        return;
    }
    usleep(1000);
  }
}

/* A pipe whose reading end has a number of its own; gives the writing end. */
static int pipe_to(int reader) {
  int ends[2];
  if (pipe(ends) || dup2(ends[0], reader) != reader)
    _exit(1);
  close(ends[0]);
  return ends[1];
}

/* From now on a call is refused, before its entry is traced. */
static void refuse(int call) {
  struct sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  struct sock_fprog program = {4, rules};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_SECCOMP, 2, &program);
}

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
  syscall(SYS_getppid);
  refuse(SYS_getppid);
  for (int i = 0; i < 7; i++)
    syscall(SYS_getppid);
}

/* Five children that are killed in pause. */
static void killed(void) {
  for (int i = 0; i < 5; i++) {
    int pid = fork();
    if (pid == 0)
      syscall(SYS_pause);
    wait_until(pid, "34 ");
    kill(pid, SIGKILL);
    waitpid(pid, 0, 0);
  }
}

static int waiting;

static void *wait_forever(void *nothing) {
  __atomic_store_n(&waiting, syscall(SYS_gettid), __ATOMIC_RELEASE);
  pause();
  return nothing;
}

/* exit_group while 64 threads are in pause. */
static void threads(void) {
  pthread_t thread;
  for (int i = 0; i < 64; i++) {
    pthread_create(&thread, 0, wait_forever, 0);
    int tid;
    while (!(tid = __atomic_exchange_n(&waiting, 0, __ATOMIC_ACQ_REL)))
      usleep(100);
    wait_until(tid, "34 ");
  }
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

/* Three calls of number -1, which is no call, and two of a number that no table knows. */
static void no_calls(void) {
  for (int i = 0; i < 3; i++)
    syscall(-1);
  for (int i = 0; i < 2; i++)
    syscall(9999);
}

/* A result that is negative, and no error. */
static void negative(void) {
  int fd = open("/proc/self/mem", O_RDONLY);
  lseek(fd, -65536, SEEK_SET);
  lseek(-1, 0, SEEK_SET);
}

static int heard;

static void tell(int signal) {
  if (write(heard, &signal, 1) != 1)
    _exit(1);
}

/* A read that a signal interrupts and the kernel restarts; a poll that goes on as restart_syscall after a stop. */
static void restarts(void) {
  int end = pipe_to(100);
  heard = pipe_to(101);
  struct sigaction action = {.sa_handler = tell, .sa_flags = SA_RESTART};
  sigaction(SIGUSR1, &action, 0);
  char byte;
  if (fork() == 0) {
    wait_until(getppid(), "0 0x64 ");
    kill(getppid(), SIGUSR1);
    read(101, &byte, 1);
    wait_until(getppid(), "0 0x64 ");
    write(end, "", 1);
    _exit(0);
  }
  read(100, &byte, 1);
  wait(0);
  int pid = fork();
  if (pid == 0) {
    struct pollfd wanted = {100, POLLIN, 0};
    syscall(SYS_poll, &wanted, 1, -1);
    _exit(0);
  }
  wait_until(pid, "7 ");
  kill(pid, SIGSTOP);
  waitpid(pid, 0, WUNTRACED);
  kill(pid, SIGCONT);
  write(end, "", 1);
  waitpid(pid, 0, 0);
}

static void read_inside(int signal) {
  char byte;
  syscall(SYS_getppid);
  if (signal == SIGUSR1)
    read(101, &byte, 1);
  else
    tell(signal);
}

/* A signal in a read, whose handler reads, and a second one in that. */
static void nested(void) {
  int outer = pipe_to(100), inner = pipe_to(101);
  struct sigaction action = {.sa_handler = read_inside, .sa_flags = SA_RESTART};
  sigaction(SIGUSR1, &action, 0);
  sigaction(SIGUSR2, &action, 0);
  heard = pipe_to(102);
  char byte;
  if (fork() == 0) {
    wait_until(getppid(), "0 0x64 ");
    kill(getppid(), SIGUSR1);
    wait_until(getppid(), "0 0x65 ");
    kill(getppid(), SIGUSR2);
    read(102, &byte, 1);
    write(inner, "", 1);
    write(outer, "", 1);
    _exit(0);
  }
  read(100, &byte, 1);
  wait(0);
}

/* One read, of which the other end decides when it is over. */
static void reads(void) {
  char byte;
  read(0, &byte, 1);
}

static void *say_ids(void *nothing) {
  printf("ids %d %d\n", getpid(), (int)syscall(SYS_gettid));
  fflush(stdout);
  syscall(SYS_getppid);
  return nothing;
}

/* getppid by a thread that is not the first. */
static void ids(void) {
  pthread_t thread;
  pthread_create(&thread, 0, say_ids, 0);
  pthread_join(thread, 0);
}

/* getppid by a process that is number 1 to itself, and what number it is to others. */
static void namespaces(void) {
  int pid = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) {
    syscall(SYS_getppid);
    _exit(getpid() != 1);
  }
  printf("ids %d %d\n", pid, pid);
  waitpid(pid, 0, 0);
}

static int told[2];

static void *tell_and_exec(void *nothing) {
  int tid = syscall(SYS_gettid);
  if (write(told[1], &tid, sizeof tid) == sizeof tid)
    execl("/bin/true", "true", (char *)0);
  return nothing;
}

/* A thread begins an execve, which it ends with its process's number; then its own number begins a life with an
   execve that has an exit only. */
static void reused(void) {
  if (pipe(told))
    _exit(1);
  int process = fork();
  if (process == 0) {
    pthread_t thread;
    pthread_create(&thread, 0, tell_and_exec, 0);
    for (;;)
      pause();
  }
  int tid;
  if (read(told[0], &tid, sizeof tid) != sizeof tid)
    _exit(1);
  waitpid(process, 0, 0);
  refuse(SYS_execve);
  int set[] = {tid};
  struct clone_args arguments = {
      .exit_signal = SIGCHLD, .set_tid = (unsigned long)set, .set_tid_size = 1};
  long child = syscall(SYS_clone3, &arguments, sizeof arguments);
  if (child == 0) {
    syscall(SYS_execve, "/bin/true", 0, 0);
    syscall(SYS_exit_group, 0);
  }
  if (child != tid)
    _exit(1);
  wait(0);
}

/* A read that io_uring does. Says so if the machine has none. */
static void ring(void) {
  struct io_uring_params params = {0};
  int fd = syscall(SYS_io_uring_setup, 4, &params);
  if (fd < 0) {
    printf("no io_uring\n");
    return;
  }
  char *rings = mmap(0, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQ_RING);
  struct io_uring_sqe *entries = mmap(0, params.sq_entries * sizeof *entries, PROT_READ | PROT_WRITE,
                                      MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQES);
  char text[64] = "";
  entries[0] = (struct io_uring_sqe){.opcode = IORING_OP_READ,
                                     .fd = open("/proc/self/comm", O_RDONLY),
                                     .addr = (unsigned long)text,
                                     .len = sizeof text,
                                     .off = -1};
  *(unsigned *)(rings + params.sq_off.array) = 0;
  __atomic_store_n((unsigned *)(rings + params.sq_off.tail), 1, __ATOMIC_RELEASE);
  syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, 0, 0);
  struct io_uring_cqe *done = (struct io_uring_cqe *)(rings + params.cq_off.cqes);
  printf("ring read %d\n", done->res);
}

/* An argument that says one thing before the call, and another after it. */
static void in_out(void) {
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un name;
  socklen_t length = sizeof name;
  getsockname(fd, (struct sockaddr *)&name, &length);
}

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

/* What 32-bit programs call by one number. */
static void multiplexed(void) {
  unsigned *page = mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  page[0] = AF_UNIX;
  page[1] = SOCK_STREAM;
  page[2] = 0;
  long fd = int80(102, 1, (long)page, 0);
  page[0] = fd;
  page[1] = 5;
  int80(102, 4, (long)page, 0);
  int80(117, 13, 0x7261, 0);
}

/* close(99) of 32 bits, with more in the register. */
static void wide(void) { int80(6, 0x7fffffff00000063, 0, 0); }

/* getpid of x32, which few kernels serve, and of 64 bits with more in the number's register. */
static void x32(void) {
  syscall(0x40000000 | SYS_getpid);
  syscall(0x100000000 | SYS_getpid);
}

static const struct {
  const char *name;
  void (*run)(void);
} SCENES[] = {
    {"clones", clones},
    {"exec_in_thread", exec_in_thread},
    {"ids", ids},
    {"in_out", in_out},
    {"killed", killed},
    {"namespaces", namespaces},
    {"negative", negative},
    {"nested", nested},
    {"no_calls", no_calls},
    {"reads", reads},
    {"refused", refused},
    {"restarts", restarts},
    {"reused", reused},
    {"ring", ring},
    {"threads", threads},
    {"vforks", vforks},
    {"compat", compat},
    {"multiplexed", multiplexed},
    {"wide", wide},
    {"x32", x32},
};

int main(int count, char **words) {
  const char *what = count > 1 ? words[1] : "";
  for (unsigned i = 0; i < sizeof SCENES / sizeof *SCENES; i++)
    if (!strcmp(what, SCENES[i].name))
      SCENES[i].run();
  if (!strcmp(what, "pointers"))
    pointers(words[2]);
  if (!strcmp(what, "execve"))
    execv(words[2], words + 2);
  if (!strcmp(what, "execveat"))
    syscall(SYS_execveat, AT_FDCWD, "/bin/true", words + 1, 0, 0);
  return 0;
}
