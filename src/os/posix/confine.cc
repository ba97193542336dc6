#include "os/confine.h"

#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace ledge {
namespace {

// What computing, memory, threads, time and reading or writing open descriptors need.
constexpr const char* kAllowed[] = {"brk",
                                    "clock_gettime",
                                    "clock_nanosleep",
                                    "close",
                                    "exit",
                                    "exit_group",
                                    "fcntl",
                                    "fstat",
                                    "futex",
                                    "getcpu",
                                    "getpid",
                                    "getrandom",
                                    "getrusage",
                                    "gettid",
                                    "gettimeofday",
                                    "lseek",
                                    "madvise",
                                    "membarrier",
                                    "mincore",
                                    "mremap",
                                    "munmap",
                                    "nanosleep",
                                    "newfstatat",
                                    "poll",
                                    "ppoll",
                                    "pread64",
                                    "read",
                                    "readv",
                                    "recvfrom",
                                    "recvmsg",
                                    "restart_syscall",
                                    "rseq",
                                    "rt_sigaction",
                                    "rt_sigprocmask",
                                    "rt_sigreturn",
                                    "sched_getaffinity",
                                    "sched_setaffinity",
                                    "sched_yield",
                                    "sendmsg",
                                    "sendto",
                                    "set_robust_list",
                                    "sigaltstack",
                                    "sysinfo",
                                    "time",
                                    "uname",
                                    "write",
                                    "writev"};

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

// Adds a rule; calls that this processor doesn't have are left out.
bool Allow(void* filter, const char* name) {
  const int call = seccomp_syscall_resolve_name(name);
  if (call == __NR_SCMP_ERROR) return true;
  const int done = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
  return done == 0 || done == -EDOM;
}

bool AllowWithConditions(void* filter) {
  const auto threads = static_cast<scmp_datum_t>(CLONE_VM | CLONE_THREAD);
  const auto exec = static_cast<scmp_datum_t>(PROT_EXEC);
  bool ok = true;
  // Threads, but no processes. The C library goes back to clone where clone3 isn't there.
  ok &= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                         SCMP_A0(SCMP_CMP_MASKED_EQ, threads, threads)) == 0;
  ok &= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
  // Memory, but none that could be run.
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
    ok &= seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, SCMP_A2(SCMP_CMP_MASKED_EQ, exec, 0)) ==
          0;
  }
  // Names of threads.
  ok &= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                         SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME)) == 0;
  // Signals to itself: what abort() does.
  ok &= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                         SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(getpid()))) == 0;
  return ok;
}

// The version, or 0 where the kernel has none or will not let us.
int RestrictFiles() {
  const auto version =
      syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return 0;
  landlock_ruleset_attr attributes{};
  // Every right of the first version; rights that came later are the seccomp filter's to deny.
  attributes.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
  const auto rules = syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
  if (rules < 0) return 0;
  const bool done = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
  close(static_cast<int>(rules));
  return done ? static_cast<int>(version) : 0;
}

}  // namespace

std::string Confinement::ToString() const {
  std::string text = system_calls ? "system calls" : "nothing";
  if (landlock > 0) text += ", files (Landlock " + std::to_string(landlock) + ")";
  return text;
}

Result<Confinement> ConfineProcess() {
  Confinement confined;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return MakeError(Code::kInternal, "cannot give up privileges: {}", std::strerror(errno));
  confined.landlock = RestrictFiles();
  const Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)), &seccomp_release);
  if (filter == nullptr) return MakeError(Code::kInternal, "cannot make a system call filter");
  bool ok = AllowWithConditions(filter.get());
  for (const char* name : kAllowed) ok = ok && Allow(filter.get(), name);
  const int loaded = ok ? seccomp_load(filter.get()) : -EINVAL;
  if (loaded != 0) {
    return MakeError(Code::kInternal, "cannot confine the worker's system calls: {}",
                     std::strerror(-loaded));
  }
  confined.system_calls = true;
  return confined;
}

}  // namespace ledge
