/* SPDX-License-Identifier: Apache-2.0 */
/* System calls. They return a negative error number if they fail. */
#ifndef SYS_H
#define SYS_H

#include <pebble/types.h>

enum open_flags {
	O_RDONLY = 0,
	O_WRONLY = 1,
	O_RDWR = 2,
	O_CREAT = 0100,
	O_TRUNC = 01000,
	O_APPEND = 02000,
	O_NONBLOCK = 04000,
	O_DIRECTORY = 0200000,
	O_CLOEXEC = 02000000,
};

enum mount_flags {
	MS_NOSUID = 2,
	MS_NODEV = 4,
	MS_NOEXEC = 8,
	MS_MOVE = 8192,
};

#define CLOCK_MONOTONIC 1

struct sys_time {
	s64 seconds;
	s64 nanoseconds;
};

struct sys_uname {
	char sysname[65];
	char nodename[65];
	char release[65];
	char version[65];
	char machine[65];
	char domainname[65];
};

struct sys_dirent {
	u64 inode;
	s64 offset;
	u16 length;
	u8 type;
	char name[];
};

long sys_call(long number, long a, long b, long c, long d, long e);

long sys_read(int fd, void *buf, size_t size);
long sys_write(int fd, const void *buf, size_t size);
int sys_open(const char *path, int flags, int mode);
int sys_close(int fd);
int sys_access(const char *path, int mode);
int sys_chdir(const char *path);
int sys_chroot(const char *path);
long sys_getcwd(char *buf, size_t size);
long sys_getdents(int fd, void *buf, size_t size);
int sys_mkdir(const char *path, int mode);
int sys_rmdir(const char *path);
int sys_unlink(const char *path);
int sys_dup2(int from, int to);
int sys_pipe(int fds[2]);
int sys_ioctl(int fd, u32 request, void *arg);
int sys_fork(void);
int sys_execve(const char *path, char *const argv[], char *const envp[]);
int sys_wait(int pid, int *status);
int sys_getpid(void);
int sys_getppid(void);
int sys_setsid(void);
int sys_mount(const char *device, const char *path, const char *type, u64 flags);
int sys_load_module(int fd, const char *parameters);
int sys_clock(int clock, struct sys_time *now);
int sys_sleep(u64 nanoseconds);
int sys_uname(struct sys_uname *name);
void sys_sync(void);
int sys_reboot(u32 command);
void *sys_map(size_t size);
_Noreturn void sys_exit(int status);

#endif
