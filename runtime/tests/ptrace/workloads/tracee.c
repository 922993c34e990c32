/* Things that are hard to trace, one a mode. Each checks itself: its exit status says whether all was as untraced. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHECK(what) \
    do { \
        if (!(what)) { \
            fprintf(stderr, "line %d: %s (errno %d)\n", __LINE__, #what, errno); \
            exit(99); \
        } \
    } while (0)

static void forks(int count)
{
    int sum = 0, status;
    for (int i = 0; i < count; i++) {
        pid_t child = fork();
        if (child == 0) {
            syscall(SYS_getppid);
            _exit(i % 7);
        }
        CHECK(child > 0);
        CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
        sum += WEXITSTATUS(status);
    }
    exit(sum % 97);
}

static sigjmp_buf escape;
static siginfo_t seen[64];
static volatile int count;

static void note(int signal, siginfo_t *info, void *context)
{
    seen[count++ % 64] = *info;
}

static void jump(int signal, siginfo_t *info, void *context)
{
    seen[0] = *info;
    siglongjmp(escape, 1);
}

static void handle(int signal, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
    CHECK(sigaction(signal, &action, NULL) == 0);
}

static void signals(void)
{
    handle(SIGTRAP, note);
    raise(SIGTRAP);
    CHECK(count == 1 && seen[0].si_code == SI_TKILL && seen[0].si_pid == getpid());
#ifdef __x86_64__
    __asm__ volatile("int3");
    CHECK(count == 2 && seen[1].si_code == SI_KERNEL);
#endif
    handle(SIGSEGV, jump);
    if (sigsetjmp(escape, 1) == 0)
        *(volatile int *)0x10 = 1;
    CHECK(seen[0].si_signo == SIGSEGV && seen[0].si_addr == (void *)0x10);

    /* Queued while they are held back: none is lost, the values stay, lower numbers come first. */
    sigset_t held;
    sigemptyset(&held);
    for (int i = 0; i < 3; i++) {
        sigaddset(&held, SIGRTMIN + i);
        handle(SIGRTMIN + i, note);
    }
    sigprocmask(SIG_BLOCK, &held, NULL);
    for (int i = 0; i < 9; i++) {
        union sigval value = { .sival_int = 100 + i };
        CHECK(sigqueue(getpid(), SIGRTMIN + 2 - i % 3, value) == 0);
    }
    /* One of them is taken without a handler. */
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, SIGRTMIN);
    siginfo_t info;
    CHECK(sigwaitinfo(&one, &info) == SIGRTMIN && info.si_value.sival_int == 102);
    count = 0;
    sigprocmask(SIG_UNBLOCK, &held, NULL);
    CHECK(count == 8);
    int sum = 0;
    for (int i = 0; i < 8; i++) {
        CHECK(seen[i].si_code == SI_QUEUE && seen[i].si_pid == getpid());
        sum += seen[i].si_value.sival_int;
    }
    CHECK(sum == 100 + 101 + 103 + 104 + 105 + 106 + 107 + 108);

    /* A handler interrupts a call, one with SA_RESTART does not. */
    handle(SIGALRM, note);
    struct itimerspec soon = { .it_value = { .tv_nsec = 20 * 1000 * 1000 } };
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
    timer_t timer;
    CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    CHECK(timer_settime(timer, 0, &soon, NULL) == 0);
    int ends[2];
    char byte;
    CHECK(pipe(ends) == 0);
    CHECK(read(ends[0], &byte, 1) == -1 && errno == EINTR);
    exit(7);
}

static void wait_for(pid_t child, int options, int expected)
{
    int status;
    pid_t ended = waitpid(child, &status, options);
    CHECK(ended > 0 && (child < 0 || ended == child));
    if (status != expected) {
        fprintf(stderr, "status %x instead of %x\n", status, expected);
        exit(98);
    }
}

static void stops(void)
{
    int ready[2];
    char byte;
    CHECK(pipe(ready) == 0);
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        pid_t second = fork();
        if (second == 0) {
            for (;;)
                pause();
        }
        write(ready[1], "x", 1);
        /* Slept to the end, however often it is stopped meanwhile. */
        struct timespec long_enough = { .tv_nsec = 800 * 1000 * 1000 };
        CHECK(nanosleep(&long_enough, NULL) == 0);
        kill(second, SIGTERM);
        wait_for(second, 0, SIGTERM);
        _exit(5);
    }
    CHECK(read(ready[0], &byte, 1) == 1);
    usleep(50 * 1000);
    kill(child, SIGSTOP);
    wait_for(child, WUNTRACED, SIGSTOP << 8 | 0x7f);
    kill(child, SIGCONT);
    wait_for(child, WCONTINUED, 0xffff);
    kill(-child, SIGTSTP);
    wait_for(child, WUNTRACED, SIGTSTP << 8 | 0x7f);
    /* Nothing happens to a stopped process. */
    usleep(20 * 1000);
    CHECK(waitpid(child, NULL, WNOHANG | WUNTRACED | WCONTINUED) == 0);
    kill(-child, SIGCONT);
    wait_for(child, WCONTINUED, 0xffff);
    wait_for(child, 0, 5 << 8);
    /* One that is killed while it is stopped. */
    child = fork();
    if (child == 0)
        for (;;)
            pause();
    kill(child, SIGSTOP);
    wait_for(child, WUNTRACED, SIGSTOP << 8 | 0x7f);
    kill(child, SIGKILL);
    wait_for(child, 0, SIGKILL);
    exit(11);
}

static pthread_barrier_t barrier;

static void *work(void *last)
{
    for (int i = 0; i < 100; i++)
        syscall(SYS_getppid);
    pthread_barrier_wait(&barrier);
    if (last)
        syscall(SYS_exit_group, 64);
    for (;;)
        pause();
}

static void threads(int how_many)
{
    pthread_t thread;
    pthread_barrier_init(&barrier, NULL, how_many);
    for (int i = 0; i < how_many; i++)
        CHECK(pthread_create(&thread, NULL, work, i == how_many - 1 ? "" : NULL) == 0);
    for (;;)
        pause();
}

static char **program;

static void *execute(void *nothing)
{
    execv(program[0], program);
    exit(97);
}

static void *linger(void *nothing)
{
    for (;;)
        pause();
}

static void exec_from_thread(char **arguments)
{
    pthread_t thread;
    program = arguments;
    for (int i = 0; i < 5; i++)
        CHECK(pthread_create(&thread, NULL, linger, NULL) == 0);
    CHECK(pthread_create(&thread, NULL, execute, NULL) == 0);
    for (;;)
        pause();
}

static void vforks(void)
{
    int status;
    pid_t child = vfork();
    if (child == 0) {
        execl("/bin/true", "true", NULL);
        _exit(96);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    exit(3);
}

/* A child that nobody is to trace, and the register of its flags afterwards. */
static void untraced(void)
{
    long flags = CLONE_UNTRACED | SIGCHLD;
#ifdef __x86_64__
    long after, result;
    __asm__ volatile("xor %%esi, %%esi\n\txor %%edx, %%edx\n\txor %%r10d, %%r10d\n\txor %%r8d, %%r8d\n\tsyscall"
                     : "=a"(result), "=D"(after)
                     : "0"(SYS_clone), "1"(flags)
                     : "rsi", "rdx", "r10", "r8", "rcx", "r11", "memory");
#else
    long after = flags, result = syscall(SYS_clone, flags, 0, 0, 0, 0);
#endif
    if (result == 0)
        _exit(after == flags && syscall(SYS_getppid) > 0 ? 21 : 22);
    CHECK(after == flags);
    wait_for(result, 0, 21 << 8);
    exit(22);
}

/* A child of our parent. */
static void sibling(void)
{
    pid_t middle = fork();
    if (middle == 0) {
        pid_t child = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
        if (child == 0)
            _exit(24);
        _exit(23);
    }
    wait_for(middle, 0, 23 << 8);
    wait_for(-1, 0, 24 << 8);
    exit(25);
}

/* getppid is refused from now on. */
static void confine(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { 4, filter };
    CHECK(syscall(SYS_getppid) > 0);
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
    CHECK(syscall(SYS_getppid) == -1 && errno == EPERM);
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(syscall(SYS_getppid) == -1 && errno == EPERM ? 31 : 32);
    CHECK(waitpid(child, &status, 0) == child);
    exit(WEXITSTATUS(status));
}

static void *rename_thread(void *nothing)
{
    prctl(PR_SET_NAME, "second");
    syscall(SYS_getppid);
    return NULL;
}

static void names(void)
{
    syscall(SYS_getppid);
    prctl(PR_SET_NAME, "first");
    syscall(SYS_getppid);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, rename_thread, NULL) == 0);
    pthread_join(thread, NULL);
    syscall(SYS_getppid);
    if (geteuid() == 0) {
        CHECK(setgid(65533) == 0);
        CHECK(setuid(65534) == 0);
    }
    syscall(SYS_getppid);
    exit(0);
}

/* A grandchild that outlives the command, and says in a file how it went. */
static void outlive(const char *file)
{
    if (fork() == 0) {
        setsid();
        usleep(300 * 1000);
        int ok = syscall(SYS_getppid) > 0;
        char name[4096];
        snprintf(name, sizeof name, "%s.new", file);
        int fd = open(name, O_CREAT | O_WRONLY, 0666);
        if (write(fd, ok ? "fine" : "fail", 4) == 4)
            rename(name, file);
        _exit(0);
    }
    exit(0);
}

/* Killed in the middle of a call. */
static void sleeper(void)
{
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    usleep(100 * 1000);
    kill(child, SIGKILL);
    wait_for(child, 0, SIGKILL);
    exit(42);
}

/* Killed with all its threads in the middle of making others. */
static void storm(void)
{
    pid_t child = fork();
    if (child == 0)
        for (;;)
            if (fork() == 0)
                _exit(0);
    usleep(100 * 1000);
    kill(child, SIGKILL);
    wait_for(child, 0, SIGKILL);
    exit(41);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    if (!strcmp(mode, "forks"))
        forks(atoi(argv[2]));
    if (!strcmp(mode, "signals"))
        signals();
    if (!strcmp(mode, "stops"))
        stops();
    if (!strcmp(mode, "threads"))
        threads(64);
    if (!strcmp(mode, "exec"))
        execv(argv[2], argv + 2);
    if (!strcmp(mode, "exec-from-thread"))
        exec_from_thread(argv + 2);
    if (!strcmp(mode, "vfork"))
        vforks();
    if (!strcmp(mode, "die"))
        kill(getpid(), atoi(argv[2]));
    if (!strcmp(mode, "untraced"))
        untraced();
    if (!strcmp(mode, "sibling"))
        sibling();
    if (!strcmp(mode, "confine"))
        confine();
    if (!strcmp(mode, "names"))
        names();
    if (!strcmp(mode, "outlive"))
        outlive(argv[2]);
    if (!strcmp(mode, "storm"))
        storm();
    if (!strcmp(mode, "sleeper"))
        sleeper();
    if (!strcmp(mode, "euid"))
        return geteuid() == 0 ? 50 : 51;
    fprintf(stderr, "no such mode: %s\n", mode);
    return 100;
}
