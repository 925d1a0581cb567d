/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys.h>

enum syscall_number {
	NR_READ = 0,
	NR_WRITE = 1,
	NR_OPEN = 2,
	NR_CLOSE = 3,
	NR_MMAP = 9,
	NR_IOCTL = 16,
	NR_ACCESS = 21,
	NR_PIPE = 22,
	NR_DUP2 = 33,
	NR_NANOSLEEP = 35,
	NR_GETPID = 39,
	NR_FORK = 57,
	NR_EXECVE = 59,
	NR_WAIT4 = 61,
	NR_UNAME = 63,
	NR_GETCWD = 79,
	NR_CHDIR = 80,
	NR_MKDIR = 83,
	NR_RMDIR = 84,
	NR_UNLINK = 87,
	NR_GETPPID = 110,
	NR_SETSID = 112,
	NR_CHROOT = 161,
	NR_SYNC = 162,
	NR_MOUNT = 165,
	NR_REBOOT = 169,
	NR_GETDENTS64 = 217,
	NR_CLOCK_GETTIME = 228,
	NR_EXIT_GROUP = 231,
	NR_FINIT_MODULE = 313,
};

static long call6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

long sys_call(long number, long a, long b, long c, long d, long e)
{
	return call6(number, a, b, c, d, e, 0);
}

long sys_read(int fd, void *buf, size_t size)
{
	return sys_call(NR_READ, fd, (long)buf, (long)size, 0, 0);
}

long sys_write(int fd, const void *buf, size_t size)
{
	return sys_call(NR_WRITE, fd, (long)buf, (long)size, 0, 0);
}

int sys_open(const char *path, int flags, int mode)
{
	return (int)sys_call(NR_OPEN, (long)path, flags, mode, 0, 0);
}

int sys_close(int fd)
{
	return (int)sys_call(NR_CLOSE, fd, 0, 0, 0, 0);
}

int sys_access(const char *path, int mode)
{
	return (int)sys_call(NR_ACCESS, (long)path, mode, 0, 0, 0);
}

int sys_chdir(const char *path)
{
	return (int)sys_call(NR_CHDIR, (long)path, 0, 0, 0, 0);
}

int sys_chroot(const char *path)
{
	return (int)sys_call(NR_CHROOT, (long)path, 0, 0, 0, 0);
}

long sys_getcwd(char *buf, size_t size)
{
	return sys_call(NR_GETCWD, (long)buf, (long)size, 0, 0, 0);
}

long sys_getdents(int fd, void *buf, size_t size)
{
	return sys_call(NR_GETDENTS64, fd, (long)buf, (long)size, 0, 0);
}

int sys_mkdir(const char *path, int mode)
{
	return (int)sys_call(NR_MKDIR, (long)path, mode, 0, 0, 0);
}

int sys_rmdir(const char *path)
{
	return (int)sys_call(NR_RMDIR, (long)path, 0, 0, 0, 0);
}

int sys_unlink(const char *path)
{
	return (int)sys_call(NR_UNLINK, (long)path, 0, 0, 0, 0);
}

int sys_dup2(int from, int to)
{
	return (int)sys_call(NR_DUP2, from, to, 0, 0, 0);
}

int sys_pipe(int fds[2])
{
	return (int)sys_call(NR_PIPE, (long)fds, 0, 0, 0, 0);
}

int sys_ioctl(int fd, u32 request, void *arg)
{
	return (int)sys_call(NR_IOCTL, fd, request, (long)arg, 0, 0);
}

int sys_fork(void)
{
	return (int)sys_call(NR_FORK, 0, 0, 0, 0, 0);
}

int sys_execve(const char *path, char *const argv[], char *const envp[])
{
	return (int)sys_call(NR_EXECVE, (long)path, (long)argv, (long)envp, 0, 0);
}

/* An interrupted wait is of no use to anyone, so it goes on. */
int sys_wait(int pid, int *status)
{
	long result;

	do {
		result = sys_call(NR_WAIT4, pid, (long)status, 0, 0, 0);
	} while (result == -EINTR);
	return (int)result;
}

int sys_getpid(void)
{
	return (int)sys_call(NR_GETPID, 0, 0, 0, 0, 0);
}

int sys_getppid(void)
{
	return (int)sys_call(NR_GETPPID, 0, 0, 0, 0, 0);
}

int sys_setsid(void)
{
	return (int)sys_call(NR_SETSID, 0, 0, 0, 0, 0);
}

int sys_mount(const char *device, const char *path, const char *type, u64 flags)
{
	return (int)sys_call(NR_MOUNT, (long)device, (long)path, (long)type, (long)flags, 0);
}

int sys_load_module(int fd, const char *parameters)
{
	return (int)sys_call(NR_FINIT_MODULE, fd, (long)parameters, 0, 0, 0);
}

int sys_clock(int clock, struct sys_time *now)
{
	return (int)sys_call(NR_CLOCK_GETTIME, clock, (long)now, 0, 0, 0);
}

int sys_sleep(u64 nanoseconds)
{
	struct sys_time time = {
		.seconds = (s64)(nanoseconds / 1000000000),
		.nanoseconds = (s64)(nanoseconds % 1000000000),
	};

	return (int)sys_call(NR_NANOSLEEP, (long)&time, 0, 0, 0, 0);
}

int sys_uname(struct sys_uname *name)
{
	return (int)sys_call(NR_UNAME, (long)name, 0, 0, 0, 0);
}

void sys_sync(void)
{
	sys_call(NR_SYNC, 0, 0, 0, 0, 0);
}

/* The two magic numbers guard against a call by mistake. */
int sys_reboot(u32 command)
{
	return (int)sys_call(NR_REBOOT, (long)0xfee1dead, 672274793, command, 0, 0);
}

/* Fresh memory, readable and writable, shared with no one. */
void *sys_map(size_t size)
{
	enum { READ_WRITE = 3, PRIVATE_ANONYMOUS = 0x22 };
	long result = call6(NR_MMAP, 0, (long)size, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0);

	return result < 0 && result > -4096 ? NULL : (void *)result;
}

_Noreturn void sys_exit(int status)
{
	for (;;)
		sys_call(NR_EXIT_GROUP, status, 0, 0, 0, 0);
}
