#include "CLinux.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#ifndef DMA_BUF_MAGIC
#define DMA_BUF_MAGIC 0x444d4142
#endif

int vitrine_is_graphics_buffer(int fd) {
    struct statfs system;
    return fstatfs(fd, &system) == 0 && system.f_type == DMA_BUF_MAGIC;
}
