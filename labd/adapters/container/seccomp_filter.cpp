// SPDX-License-Identifier: Apache-2.0
#include "adapters/container/seccomp_filter.h"

#include "base/json.h"
#include "base/text.h"

#include <sched.h>

namespace lab::adapters {
namespace {

constexpr int answer = 38; // ENOSYS, by number: the C library tries an older call then

constexpr const char* permitted = R"(
accept accept4 access alarm arch_prctl bind brk capget capset chdir chmod chown chown32 chroot
clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep
clock_nanosleep_time64 close close_range connect copy_file_range creat dup dup2 dup3 epoll_create
epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd
eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64 fadvise64_64 fallocate
fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr
flistxattr flock fork fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync
ftruncate ftruncate64 futex futex_time64 futex_waitv futimesat get_mempolicy get_robust_list
get_thread_area getcpu getcwd getdents getdents64 getegid getegid32 geteuid geteuid32 getgid
getgid32 getgroups getgroups32 getitimer getpeername getpgid getpgrp getpid getppid getpriority
getrandom getresgid getresgid32 getresuid getresuid32 getrlimit getrusage getsid getsockname
getsockopt gettid gettimeofday getuid getuid32 getxattr inotify_add_watch inotify_init
inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents
io_pgetevents_time64 io_setup io_submit ioctl ioprio_get ioprio_set ipc kill landlock_add_rule
landlock_create_ruleset landlock_restrict_self lchown lchown32 lgetxattr link linkat listen
listxattr llistxattr _llseek lremovexattr lseek lsetxattr lstat lstat64 madvise mbind membarrier
memfd_create mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap mmap2 mprotect
mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend
mq_timedsend_time64 mq_unlink mremap msgctl msgget msgrcv msgsnd msync munlock munlockall munmap
name_to_handle_at nanosleep newfstatat _newselect open openat openat2 pause pidfd_open
pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll ppoll_time64 prctl
pread64 preadv preadv2 prlimit64 pselect6 pselect6_time64 pwrite64 pwritev pwritev2 read readahead
readlink readlinkat readv recv recvfrom recvmmsg recvmmsg_time64 recvmsg remap_file_pages
removexattr rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending
rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64
rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr
sched_getparam sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64
sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp select semctl
semget semop semtimedop semtimedop_time64 send sendfile sendfile64 sendmmsg sendmsg sendto
set_mempolicy set_robust_list set_thread_area set_tid_address setfsgid setfsgid32 setfsuid
setfsuid32 setgid setgid32 setgroups setgroups32 setitimer setpgid setpriority setregid setregid32
setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setsid setsockopt setuid
setuid32 setxattr shmat shmctl shmdt shmget shutdown sigaction sigaltstack signal signalfd signalfd4
sigpending sigprocmask sigreturn sigsuspend socketcall socketpair splice stat stat64 statfs statfs64
statx symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create
timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64
timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 times tkill
truncate truncate64 ugetrlimit umask uname unlink unlinkat utime utimensat utimensat_time64 utimes
vfork vmsplice wait4 waitid waitpid write writev arm_fadvise64_64 arm_sync_file_range breakpoint
cacheflush modify_ldt set_tls sync_file_range2
)";

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (const auto& line : split(text, '\n')) {
        for (auto& word : split(line, ' ')) {
            if (!word.empty()) {
                words.push_back(std::move(word));
            }
        }
    }
    return words;
}

nlohmann::json architectures() {
#if defined(__x86_64__)
    return {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"};
#elif defined(__aarch64__)
    return {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"};
#else
    return nlohmann::json::array();
#endif
}

nlohmann::json argument(unsigned index, std::uint64_t value, const char* compare) {
    return {{"index", index}, {"value", value}, {"op", compare}};
}

} // namespace

std::string seccomp_filter() {
    using Json = nlohmann::json;
    const auto permit = [](const Json& names, const Json& arguments) {
        return Json{{"names", names}, {"action", "SCMP_ACT_ALLOW"}, {"args", arguments}};
    };
    constexpr std::uint64_t namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                         CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
    auto masked = argument(0, namespaces, "SCMP_CMP_MASKED_EQ");
    masked["valueTwo"] = 0;
    auto calls = Json::array(
        {permit(words_of(permitted), Json::array()), permit({"clone"}, Json::array({masked}))});
    // Sockets of this container and of its loopback: no netlink, packet or vsock.
    for (const std::uint64_t family : {1U, 2U, 10U}) {
        calls.push_back(permit({"socket"}, Json::array({argument(0, family, "SCMP_CMP_EQ")})));
    }
    // Of the execution domains those that change addresses or the name of the machine alone.
    for (const std::uint64_t persona : {0x0U, 0x8U, 0x20000U, 0x20008U, 0x40000U, 0xffffffffU}) {
        calls.push_back(
            permit({"personality"}, Json::array({argument(0, persona, "SCMP_CMP_EQ")})));
    }
    return json_text({{"defaultAction", "SCMP_ACT_ERRNO"},
                      {"defaultErrnoRet", answer},
                      {"architectures", architectures()},
                      {"syscalls", calls}});
}

} // namespace lab::adapters
