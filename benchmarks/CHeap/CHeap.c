#define _GNU_SOURCE
#include "CHeap.h"
#include <malloc.h>

size_t vitrine_heap_in_use(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}
