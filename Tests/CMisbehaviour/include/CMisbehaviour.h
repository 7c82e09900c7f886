// What a program might try to reach the world. In C, because most of it is syscall(2), which Swift cannot call.
#ifndef VITRINE_CMISBEHAVIOUR_H
#define VITRINE_CMISBEHAVIOUR_H

// Tries everything and writes a line for each attempt to standard error: `thread attempt succeeded|denied errno`.
// The two sockets were made before the sandbox was entered. With `paths_and_tcp_only` what Landlock alone can prevent.
void misbehave(const char *thread, int tcp_socket, int unix_socket, int paths_and_tcp_only);
// The same of a sandbox that makes an exception for one device: what of it succeeds is named `device-…`.
void misbehave_with_device(const char *thread, const char *device);
int misbehaving_thread_is_main(void);

#endif
