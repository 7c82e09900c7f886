// The program's own malloc comes before the C library's for all libraries in it; each call is counted and handed on
// (glibc's manual, "Replacing malloc"; __libc_malloc and its kin are what glibc's malloc is called inside).
#include "CAllocations.h"
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static __thread long of_thread;
static atomic_long of_process;

static void count(void) {
    of_thread++;
    atomic_fetch_add_explicit(&of_process, 1, memory_order_relaxed);
}

void *malloc(size_t size) { count(); return __libc_malloc(size); }
void *calloc(size_t number, size_t size) { count(); return __libc_calloc(number, size); }
void *realloc(void *old, size_t size) { count(); return __libc_realloc(old, size); }
void *memalign(size_t alignment, size_t size) { count(); return __libc_memalign(alignment, size); }
void *aligned_alloc(size_t alignment, size_t size) { count(); return __libc_memalign(alignment, size); }

int posix_memalign(void **result, size_t alignment, size_t size) {
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
    count();
    void *memory = __libc_memalign(alignment, size);
    if (memory == NULL) return ENOMEM;
    *result = memory;
    return 0;
}

long vitrine_thread_allocations(void) { return of_thread; }
long vitrine_process_allocations(void) { return atomic_load_explicit(&of_process, memory_order_relaxed); }
