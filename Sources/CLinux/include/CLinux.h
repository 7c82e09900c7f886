// Calls that Swift's importer cannot express: variadic functions, CMSG macros, and system calls
// that glibc has no wrapper for. Each returns -1 and sets errno, as a system call does.
#ifndef VITRINE_CLINUX_H
#define VITRINE_CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// memfd_create, F_ADD_SEALS: behind _GNU_SOURCE, and fcntl is variadic.
int vitrine_memfd_create(const char *name);
int vitrine_memfd_seal_size(int fd);
int vitrine_memfd_size_is_sealed(int fd); // 1, 0, or -1
int vitrine_is_graphics_buffer(int fd); // a dma-buf: 1 or 0

// CMSG_* are macros. `fd` is -1 for a packet without a descriptor. MSG_NOSIGNAL is always set.
ssize_t vitrine_send_packet(int socket, const void *bytes, size_t count, int fd);
// Receives one packet. `*fd` is the descriptor that came with it (close-on-exec), or -1.
// With `accept_fd` 0 no control buffer is offered, so that the kernel discards what was sent.
ssize_t vitrine_receive_packet(int socket, void *bytes, size_t capacity, int accept_fd, int *fd);

// prctl is variadic.
int vitrine_no_new_privs(void);
int vitrine_set_dumpable(int dumpable);

// landlock_*: no glibc wrappers. https://docs.kernel.org/userspace-api/landlock.html
int vitrine_landlock_abi(void); // 0 where the kernel has none
// No path, no TCP, no abstract socket, no signal outward. Except: `folder` may be listed (NULL: none), and the devices may
// be read, written and controlled.
int vitrine_landlock_deny_everything(const char *folder, const char *const *devices, int count);

// What a device decodes by V4L2, memory to memory, as V4L2 names it: how many codings, 0 where it decodes nothing, -1 where
// it cannot be opened. videodev2.h's requests are macros of casts.
int vitrine_v4l2_decodes(const char *path, uint32_t *codings, int capacity);

// ioctl is variadic.
int vitrine_ioctl(int fd, unsigned long request, void *argument);

int vitrine_pidfd_open(pid_t pid);
int vitrine_pidfd_send_signal(int pidfd, int signal);
int vitrine_ioprio_idle(void);
// Unmaps pages of code and constants that were touched and may not be needed again; what is needed comes back from the page cache. The
// loader and Swift's runtime walk through most of a program once, at its start, and the kernel maps 64 KB around each
// step. Walks dl_iterate_phdr, so that it works inside a sandbox.
void vitrine_release_code(void);
// glibc: malloc_trim gives free heap pages back to the kernel.
void vitrine_trim_heap(void);
// glibc: how many heaps threads spread over. Fewer keep less memory that is free and not given back.
void vitrine_limit_heaps(int count);
// glibc: allocations of so many bytes and more are mapped one by one and given back when they are freed. Left alone, glibc
// raises the bound to 32 MB as it goes, and pictures leave holes in the heap.
void vitrine_map_allocations_from(int bytes);
// glibc: stack of the threads made from now on, in bytes.
int vitrine_set_thread_stack_size(size_t bytes);
// close_range(2), behind _GNU_SOURCE: closes every descriptor from `first` on.
int vitrine_close_from(unsigned int first);
// setrlimit and setpriority take GNU's enumerations in C, which differ between glibc versions.
int vitrine_limit_data(uint64_t bytes);             // RLIMIT_DATA
int vitrine_limit_cores_and_files(uint64_t files);  // RLIMIT_CORE 0, RLIMIT_NOFILE
int vitrine_set_own_nice(int value);

// eventfd(2): non-blocking and close-on-exec. sys/eventfd.h is not in Swift's Glibc module.
int vitrine_eventfd(void);
// pipe2(2), behind _GNU_SOURCE: close-on-exec; the reading end first.
int vitrine_pipe(int ends[2]);
struct pollfd;
// ppoll(2), behind _GNU_SOURCE: waits so many nanoseconds; negative: for ever.
int vitrine_poll(struct pollfd *descriptors, unsigned long count, int64_t nanoseconds);

// SPI_IOC_* are macros (linux/spi/spidev.h). Sets the mode (0 or 3) and the highest clock, and reads back the clock that
// the kernel accepted; eight bits a word, most significant first.
int vitrine_spi_configure(int fd, int mode, uint32_t hertz, uint32_t *accepted);

// getxattr(2): 1 when a file has this attribute with this text, else 0. sys/xattr.h is not in Swift's Glibc module.
int vitrine_attribute_is(const char *path, const char *name, const char *text);

// pthread_setname_np(3), behind _GNU_SOURCE, of the calling thread: at most 15 bytes.
void vitrine_name_thread(const char *name);

#endif
