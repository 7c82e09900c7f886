#pragma once
#include <stddef.h>

// glibc's mallinfo2(3), which Swift's module of it leaves out: bytes that were allocated and not freed, in all heaps and in
// mappings of their own.
size_t vitrine_heap_in_use(void);
