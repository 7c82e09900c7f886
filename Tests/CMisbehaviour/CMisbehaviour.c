#define _GNU_SOURCE
#include "CMisbehaviour.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static void outcome(const char *thread, const char *attempt, long result) {
    int code = errno;
    char line[128];
    int count = snprintf(line, sizeof line, "%s %s %s %d\n", thread, attempt, result < 0 ? "denied" : "succeeded",
                         result < 0 ? code : 0);
    if (write(2, line, count) < 0) _exit(3);
}

#define TRY(attempt, expression)                                                                                       \
    do {                                                                                                               \
        errno = 0;                                                                                                     \
        outcome(thread, attempt, (long)(expression));                                                                  \
    } while (0)

int misbehaving_thread_is_main(void) { return syscall(SYS_gettid) == getpid(); }

// A child that was made after all must print nothing of its own.
static long fork_by(long flags) {
    long child = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
    if (child == 0) _exit(0);
    return child;
}

static int connect_unix(int fd, const char *path, int abstract) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path + abstract, path, strlen(path));
    return connect(fd, (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + abstract + strlen(path));
}

void misbehave_with_device(const char *thread, const char *device) {
    int fd = open(device, O_RDWR | O_CLOEXEC);
    TRY("device-open", fd);
    TRY("device-video-request", ioctl(fd, _IOR('V', 0, char[104]), NULL));
    TRY("device-other-request", ioctl(fd, 0x5401 /* TCGETS */, NULL));
    int folder = open("/dev", O_RDONLY | O_DIRECTORY);
    TRY("device-folder", folder);
    char entries[1024];
    TRY("device-list", syscall(SYS_getdents64, folder, entries, sizeof entries));
    TRY("open-other-device", open("/dev/zero", O_RDONLY));
    TRY("make-in-device-folder", open("/dev/vitrine-misbehaving", O_CREAT | O_WRONLY, 0600));
}

void misbehave(const char *thread, int tcp_socket, int unix_socket, int paths_and_tcp_only) {
    TRY("open-to-read", open("/etc/passwd", O_RDONLY));
    TRY("open-own-memory", open("/proc/self/mem", O_RDWR));
    TRY("open-folder", open("/", O_RDONLY | O_DIRECTORY));
    TRY("open-raw", syscall(SYS_openat, AT_FDCWD, "/etc/hostname", O_RDONLY));
    TRY("create-file", open("/tmp/vitrine-misbehaving", O_CREAT | O_WRONLY, 0600));
    TRY("make-folder", mkdir("/tmp/vitrine-misbehaving-folder", 0700));

    struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_port = htons(1)};
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    TRY("connect-tcp", connect(tcp_socket, (struct sockaddr *)&loopback, sizeof loopback));
    loopback.sin_port = 0;
    TRY("bind-tcp", bind(tcp_socket, (struct sockaddr *)&loopback, sizeof loopback));
    if (paths_and_tcp_only) return;
    TRY("socket-tcp", socket(AF_INET, SOCK_STREAM, 0));
    TRY("socket-udp", socket(AF_INET6, SOCK_DGRAM, 0));
    TRY("socket-unix", socket(AF_UNIX, SOCK_STREAM, 0));
    TRY("socket-netlink", socket(AF_NETLINK, SOCK_RAW, 0));
    TRY("connect-unix", connect_unix(unix_socket, "/run/no-such-socket", 0));
    TRY("connect-abstract", connect_unix(unix_socket, "no-such-socket", 1));

    char *arguments[] = {"/bin/true", NULL};
    TRY("execve", execve("/bin/true", arguments, NULL));
    TRY("execveat", syscall(SYS_execveat, AT_FDCWD, "/bin/true", arguments, NULL, 0));
    TRY("fork", fork_by(0));
    TRY("vfork", fork_by(CLONE_VM | CLONE_VFORK));
    TRY("clone3", syscall(SYS_clone3, NULL, 0));
    TRY("unshare", unshare(CLONE_NEWUSER));

    TRY("ptrace-me", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
    TRY("ptrace-parent", ptrace(PTRACE_SEIZE, getppid(), NULL, NULL));
    TRY("kill-parent", kill(getppid(), 0));
    TRY("tgkill-parent", syscall(SYS_tgkill, getppid(), getppid(), 0));
    TRY("pidfd-parent", syscall(434 /* pidfd_open */, getppid(), 0));
    char byte;
    struct iovec here = {&byte, 1}, there = {&byte, 1};
    TRY("read-parent", syscall(SYS_process_vm_readv, getppid(), &here, 1, &there, 1, 0));

    TRY("io-uring", syscall(425 /* io_uring_setup */, 8, NULL));
    TRY("bpf", syscall(SYS_bpf, 0, NULL, 0));
    TRY("executable-memory",
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
    struct rlimit limit = {1 << 20, 1 << 20};
    TRY("change-limit", setrlimit(RLIMIT_NOFILE, &limit));
    TRY("write-standard-output", write(1, "x", 1));
}
