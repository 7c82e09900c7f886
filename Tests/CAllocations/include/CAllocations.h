// Counts what a thread allocates; for tests of what must allocate nothing.
#ifndef VITRINE_CALLOCATIONS_H
#define VITRINE_CALLOCATIONS_H

// Allocations of this thread, and of all threads, since the process began.
long vitrine_thread_allocations(void);
long vitrine_process_allocations(void);

#endif
