#include <linux/spi/spidev.h>
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/videodev2.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

int vitrine_memfd_create(const char *name) {
    return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

int vitrine_memfd_seal_size(int fd) {
    return fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
}

int vitrine_memfd_size_is_sealed(int fd) {
    int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0) return -1;
    return (seals & (F_SEAL_SHRINK | F_SEAL_GROW)) == (F_SEAL_SHRINK | F_SEAL_GROW);
}

ssize_t vitrine_send_packet(int socket, const void *bytes, size_t count, int fd) {
    struct iovec vector = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    if (fd >= 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &fd, sizeof(int));
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

ssize_t vitrine_receive_packet(int socket, void *bytes, size_t capacity, int accept_fd, int *fd) {
    struct iovec vector = {.iov_base = bytes, .iov_len = capacity};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    if (accept_fd) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
    }
    *fd = -1;
    ssize_t count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (count < 0) return count;
    if (accept_fd) {
        for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
            if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
                memcpy(fd, CMSG_DATA(header), sizeof(int));
        }
    }
    if (message.msg_flags & MSG_TRUNC) {
        if (*fd >= 0) close(*fd);
        *fd = -1;
        errno = EMSGSIZE;
        return -1;
    }
    return count;
}

int vitrine_no_new_privs(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }
int vitrine_set_dumpable(int dumpable) { return prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0); }

// From the kernel's uapi/linux/landlock.h; written out because Debian 12's headers stop at ABI 2.
struct ruleset_attr {
    uint64_t handled_access_fs;
    uint64_t handled_access_net;
    uint64_t scoped;
};
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

int vitrine_landlock_abi(void) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1U /* LANDLOCK_CREATE_RULESET_VERSION */);
    return abi < 0 ? 0 : (int)abi;
}

struct path_beneath_attr {
    uint64_t allowed_access;
    int32_t parent_fd;
} __attribute__((packed));

static int allow_path(int ruleset, const char *path, uint64_t access) {
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) return -1;
    struct path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};
    int result = (int)syscall(SYS_landlock_add_rule, ruleset, 1 /* LANDLOCK_RULE_PATH_BENEATH */, &rule, 0);
    int saved = errno;
    close(fd);
    errno = saved;
    return result;
}

int vitrine_landlock_deny_everything(const char *folder, const char *const *devices, int count) {
    int abi = vitrine_landlock_abi();
    if (abi == 0) {
        errno = ENOSYS;
        return -1;
    }
    struct ruleset_attr attributes = {0};
    // Bits 0–12 are ABI 1; 13 REFER (2), 14 TRUNCATE (3), 15 IOCTL_DEV (5).
    int bits = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13;
    attributes.handled_access_fs = (1ULL << bits) - 1;
    size_t size = sizeof(uint64_t);
    if (abi >= 4) {
        attributes.handled_access_net = 3; // bind and connect, TCP
        size = 2 * sizeof(uint64_t);
    }
    if (abi >= 6) {
        attributes.scoped = 3; // abstract Unix sockets, signals
        size = 3 * sizeof(uint64_t);
    }
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
    if (ruleset < 0) return -1;
    int result = 0;
    // Bits: 1 WRITE_FILE, 2 READ_FILE, 3 READ_DIR, 15 IOCTL_DEV.
    if (folder) result = allow_path(ruleset, folder, 1 << 3);
    for (int index = 0; result == 0 && index < count; index++)
        result = allow_path(ruleset, devices[index], ((1 << 1) | (1 << 2) | (1 << 15)) & attributes.handled_access_fs);
    if (result == 0) result = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
    int saved = errno;
    close(ruleset);
    errno = saved;
    return result;
}

static int enumerate_codings(int fd, unsigned int type, uint32_t *codings, int capacity) {
    int found = 0;
    for (unsigned int index = 0; index < 64 && found < capacity; index++) {
        struct v4l2_fmtdesc format = {.index = index, .type = type};
        if (ioctl(fd, VIDIOC_ENUM_FMT, &format) != 0) break;
        if (format.flags & V4L2_FMT_FLAG_COMPRESSED) codings[found++] = format.pixelformat;
    }
    return found;
}

int vitrine_v4l2_decodes(const char *path, uint32_t *codings, int capacity) {
    int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return -1;
    struct v4l2_capability can = {0};
    int found = 0;
    if (ioctl(fd, VIDIOC_QUERYCAP, &can) == 0) {
        uint32_t flags = can.capabilities & V4L2_CAP_DEVICE_CAPS ? can.device_caps : can.capabilities;
        // What goes in is the output queue: seen from the program, it is put out.
        if (flags & V4L2_CAP_VIDEO_M2M_MPLANE)
            found = enumerate_codings(fd, V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE, codings, capacity);
        else if (flags & V4L2_CAP_VIDEO_M2M)
            found = enumerate_codings(fd, V4L2_BUF_TYPE_VIDEO_OUTPUT, codings, capacity);
    }
    close(fd);
    return found;
}

int vitrine_ioctl(int fd, unsigned long request, void *argument) { return ioctl(fd, request, argument); }

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
int vitrine_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
int vitrine_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

// ioprio_set(IOPRIO_WHO_PROCESS, self, IOPRIO_CLASS_IDLE): no glibc wrapper.
int vitrine_ioprio_idle(void) { return (int)syscall(SYS_ioprio_set, 1, 0, 3 << 13); }

void vitrine_trim_heap(void) { malloc_trim(0); }

void vitrine_limit_heaps(int count) { mallopt(M_ARENA_MAX, count); }

void vitrine_map_allocations_from(int bytes) { mallopt(M_MMAP_THRESHOLD, bytes); }

int vitrine_set_thread_stack_size(size_t bytes) {
    pthread_attr_t attributes;
    int failure = pthread_attr_init(&attributes);
    if (failure == 0) failure = pthread_attr_setstacksize(&attributes, bytes);
    if (failure == 0) failure = pthread_setattr_default_np(&attributes);
    errno = failure;
    return failure == 0 ? 0 : -1;
}

int vitrine_close_from(unsigned int first) { return close_range(first, ~0U, 0); }

int vitrine_limit_data(uint64_t bytes) {
    struct rlimit limit = {bytes, bytes};
    return setrlimit(RLIMIT_DATA, &limit);
}

int vitrine_limit_cores_and_files(uint64_t files) {
    struct rlimit none = {0, 0};
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -1;
    if (limit.rlim_max > files) limit.rlim_max = files;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0) return -1;
    return setrlimit(RLIMIT_CORE, &none);
}

int vitrine_set_own_nice(int value) { return setpriority(PRIO_PROCESS, 0, value); }

static int release_code_of(struct dl_phdr_info *info, size_t size, void *unused) {
    (void)size;
    (void)unused;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        // Code and constants. Never what can be written, which is where relocated data is, too, though it is read-only by
        // now (PT_GNU_RELRO lies within a writable segment): it is private to the process, and would be lost.
        if (header->p_type != PT_LOAD || (header->p_flags & PF_W)) continue;
        uintptr_t start = (info->dlpi_addr + header->p_vaddr + page - 1) & ~(page - 1);
        uintptr_t end = (info->dlpi_addr + header->p_vaddr + header->p_memsz) & ~(page - 1);
        // The kernel's own vDSO is listed, too, and refuses: no harm.
        if (end > start) madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void vitrine_release_code(void) { dl_iterate_phdr(release_code_of, NULL); }

int vitrine_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int vitrine_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int vitrine_poll(struct pollfd *descriptors, unsigned long count, int64_t nanoseconds) {
    struct timespec time = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    return ppoll(descriptors, count, nanoseconds < 0 ? NULL : &time, NULL);
}

void vitrine_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int vitrine_spi_configure(int fd, int mode, uint32_t hertz, uint32_t *accepted) {
    uint8_t flags = (uint8_t)mode, bits = 8;
    if (ioctl(fd, SPI_IOC_WR_MODE, &flags) < 0 || ioctl(fd, SPI_IOC_WR_BITS_PER_WORD, &bits) < 0 ||
        ioctl(fd, SPI_IOC_WR_MAX_SPEED_HZ, &hertz) < 0 || ioctl(fd, SPI_IOC_RD_MAX_SPEED_HZ, accepted) < 0)
        return -1;
    return 0;
}

int vitrine_attribute_is(const char *path, const char *name, const char *text) {
    char value[64];
    size_t expected = strlen(text);
    ssize_t length = getxattr(path, name, value, sizeof value);
    return length >= 0 && (size_t)length == expected && memcmp(value, text, expected) == 0;
}
