#include "os/posix/machine.h"

#include <gtest/gtest.h>

#include "testing/temp_dir.h"

namespace ledge::posix {
namespace {

using testing::TempDir;

constexpr uint64_t kMi = 1 << 20;

TEST(Memory, IsReadFromMeminfo) {
  const TempDir root;
  root.Write("proc/meminfo", "MemTotal:  8000 kB\nMemFree: 100 kB\nMemAvailable:   5000 kB\n");
  const MemoryFacts facts = ReadMemory(root.path());
  EXPECT_EQ(facts.total, 8000u * 1024);
  EXPECT_EQ(facts.available, 5000u * 1024);
}

TEST(Memory, OldKernelsCountFreeAndCached) {
  const TempDir root;
  root.Write("proc/meminfo",
             "MemTotal: 8000 kB\nMemFree: 100 kB\nSwapCached: 7 kB\nCached: 50 kB\n");
  EXPECT_EQ(ReadMemory(root.path()).available, 150u * 1024);
}

// A machine with 8 GiB, 6 available, and a process in the group /box/job of a unified hierarchy.
void WriteUnified(const TempDir& root) {
  root.Write("proc/meminfo", "MemTotal: 8388608 kB\nMemAvailable: 6291456 kB\n");
  root.Write("proc/self/cgroup", "0::/box/job\n");
  root.Write("proc/self/mountinfo",
             "25 1 0:22 / /proc rw - proc proc rw\n"
             "31 25 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n");
}

TEST(Cgroup, UnifiedTakesTheTightestLevel) {
  const TempDir root;
  WriteUnified(root);
  root.Write("sys/fs/cgroup/box/cpu.max", "150000 100000\n");
  root.Write("sys/fs/cgroup/box/job/cpu.max", "max 100000\n");
  root.Write("sys/fs/cgroup/box/memory.max", "1073741824\n");
  root.Write("sys/fs/cgroup/box/memory.current", "943718400\n");  // 900 MiB
  root.Write("sys/fs/cgroup/box/memory.stat",
             "anon 1\nactive_file 209715200\ninactive_file 104857600\n");
  root.Write("sys/fs/cgroup/box/job/memory.max", "max\n");
  const CgroupLimits limits = ReadCgroupLimits(root.path());
  EXPECT_EQ(limits.cpus, 1.5);
  EXPECT_EQ(limits.memory_limit, 1024 * kMi);
  EXPECT_EQ(limits.memory_headroom, (1024 - 900 + 300) * kMi);
  EXPECT_EQ(ReadMemory(root.path()).total, 1024 * kMi);
  EXPECT_EQ(ReadMemory(root.path()).available, 424 * kMi);
}

TEST(Cgroup, OverfullGroupHasNoHeadroom) {
  const TempDir root;
  WriteUnified(root);
  root.Write("sys/fs/cgroup/box/memory.max", "1000\n");
  root.Write("sys/fs/cgroup/box/memory.current", "5000\n");
  EXPECT_EQ(ReadCgroupLimits(root.path()).memory_headroom, 0u);
}

TEST(Cgroup, NoLimitsIsNoLimits) {
  const TempDir root;
  WriteUnified(root);
  const CgroupLimits limits = ReadCgroupLimits(root.path());
  EXPECT_FALSE(limits.cpus || limits.memory_limit || limits.memory_headroom);
  EXPECT_EQ(ReadMemory(root.path()).available, 6144 * kMi);
}

TEST(Cgroup, VersionOneHasAHierarchyAController) {
  const TempDir root;
  WriteUnified(root);
  root.Write("proc/self/cgroup", "4:memory:/box\n2:cpuacct,cpu:/box\n1:name=systemd:/box\n");
  root.Write("proc/self/mountinfo",
             "40 1 0:30 / /cg/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
             "41 1 0:31 / /cg/memory rw - cgroup cgroup rw,memory\n");
  root.Write("cg/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  root.Write("cg/cpu,cpuacct/box/cpu.cfs_quota_us", "300000\n");
  root.Write("cg/cpu,cpuacct/box/cpu.cfs_period_us", "100000\n");
  root.Write("cg/memory/memory.limit_in_bytes", "9223372036854771712\n");
  root.Write("cg/memory/box/memory.limit_in_bytes", "536870912\n");
  root.Write("cg/memory/box/memory.usage_in_bytes", "104857600\n");
  root.Write("cg/memory/box/memory.stat", "inactive_file 1\ntotal_inactive_file 52428800\n");
  const CgroupLimits limits = ReadCgroupLimits(root.path());
  EXPECT_EQ(limits.cpus, 3.0);
  EXPECT_EQ(limits.memory_limit, 512 * kMi);
  EXPECT_EQ(limits.memory_headroom, (512 - 100 + 50) * kMi);
}

TEST(Cgroup, ContainerSeesOnlyItsPartOfTheHierarchy) {
  const TempDir root;
  root.Write("proc/self/cgroup", "3:memory:/docker/abc/inner\n");
  root.Write("proc/self/mountinfo",
             "41 1 0:31 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
  root.Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "2000\n");
  root.Write("sys/fs/cgroup/memory/inner/memory.limit_in_bytes", "1000\n");
  EXPECT_EQ(ReadCgroupLimits(root.path()).memory_limit, 1000u);
}

TEST(Cgroup, GarbageIsNoLimit) {
  const TempDir root;
  WriteUnified(root);
  for (const char* text : {"", "\n", "100000 0\n", "x y\n", "-5 100000\n", "100000\n"}) {
    root.Write("sys/fs/cgroup/box/job/cpu.max", text);
    EXPECT_FALSE(ReadCgroupLimits(root.path()).cpus) << text;
  }
  root.Write("proc/self/mountinfo", "garbage - \n - - -\n\n1 2 3 - cgroup2\n");
  root.Write("proc/self/cgroup", "::\n0\nx:y\n0::/../..\n");
  EXPECT_FALSE(ReadCgroupLimits(root.path()).cpus);
}

TEST(Machine, ThisOneIsPlausible) {
  EXPECT_GE(PosixOs().UsableCores(), 1);
  EXPECT_GT(PosixOs().TotalMemory(), 64 * kMi);
  EXPECT_GT(PosixOs().AvailableMemory(), 0u);
  EXPECT_LE(PosixOs().AvailableMemory(), PosixOs().TotalMemory());
  const Os::Resident resident = PosixOs().ResidentMemory();
  EXPECT_GT(resident.anonymous, 0u);
  EXPECT_GT(resident.file, 0u);
}

}  // namespace
}  // namespace ledge::posix
