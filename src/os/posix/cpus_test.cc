// Which CPUs to compute on, on machines made of files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <numeric>

#include "os/posix/machine.h"
#include "testing/temp_dir.h"

namespace ledge::posix {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::TempDir;

class Machine {
 public:
  // A logical CPU of the core that the list of siblings names.
  void Cpu(int cpu, const std::string& siblings) {
    root_.Write(Folder(cpu) + "topology/core_cpus_list", siblings + "\n");
    cpus_.push_back(cpu);
    root_.Write("sys/devices/system/cpu/online", "0-" + std::to_string(cpu) + "\n");
  }
  void File(const std::string& path, const std::string& text) { root_.Write(path, text + "\n"); }
  void CpuFile(int cpu, const std::string& name, int value) {
    File(Folder(cpu) + name, std::to_string(value));
  }
  CpuTopology Read() const { return Read(cpus_); }
  CpuTopology Read(const std::vector<int>& affinity) const {
    return ReadCpuTopology(root_.path(), affinity, ReadCgroupLimits(root_.path()).cpus);
  }
  const TempDir& root() const { return root_; }

 private:
  static std::string Folder(int cpu) {
    return "sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/";
  }
  TempDir root_;
  std::vector<int> cpus_;
};

// Six performance cores with two threads each, eight efficiency cores.
void MakeLaptop(Machine& machine) {
  for (int cpu = 0; cpu < 12; ++cpu) {
    const int first = cpu / 2 * 2;
    machine.Cpu(cpu, std::to_string(first) + "-" + std::to_string(first + 1));
  }
  for (int cpu = 12; cpu < 20; ++cpu) machine.Cpu(cpu, std::to_string(cpu));
  machine.File("sys/devices/cpu_core/cpus", "0-11");
  machine.File("sys/devices/cpu_atom/cpus", "12-19");
  // Favoured cores reach more, and efficiency cores come near: the kinds decide, not frequencies.
  for (int cpu = 0; cpu < 20; ++cpu)
    machine.CpuFile(cpu, "cpufreq/cpuinfo_max_freq",
                    cpu >= 12  ? 4'300'000
                    : cpu == 4 ? 5'200'000
                               : 5'000'000);
}

TEST(Cpus, LaptopWithTwoKindsOfCores) {
  Machine machine;
  MakeLaptop(machine);
  const CpuTopology topology = machine.Read();
  EXPECT_THAT(topology.cpus, ElementsAre(4, 0, 2, 6, 8, 10, 12, 13, 14, 15, 16, 17, 18, 19));
  EXPECT_EQ(topology.performance_cores(), 6);
  EXPECT_EQ(topology.cores[0].usable_cpus, 2);
  EXPECT_EQ(topology.cores[6].usable_cpus, 1);
  EXPECT_EQ(topology.Why(), "14 physical cores (6 performance, 8 efficiency; 20 CPUs)");
}

TEST(Cpus, LaptopsSmallCoresAlone) {
  Machine machine;
  MakeLaptop(machine);
  const CpuTopology topology = machine.Read({13, 14});
  EXPECT_THAT(topology.cpus, ElementsAre(13, 14));
  EXPECT_EQ(
      topology.Why(),
      "2 physical cores (0 performance, 2 efficiency; 2 CPUs), affinity mask of 2 of 20 CPUs");
}

TEST(Cpus, HybridWithoutListsOfKinds) {
  Machine machine;
  for (int cpu = 0; cpu < 4; ++cpu) {
    machine.Cpu(cpu, std::to_string(cpu));
    machine.CpuFile(cpu, "cpufreq/cpuinfo_max_freq", cpu < 2 ? 3'400'000 : 5'100'000);
  }
  const CpuTopology topology = machine.Read();
  EXPECT_THAT(topology.cpus, ElementsAre(2, 3, 0, 1));
  EXPECT_EQ(topology.performance_cores(), 2);
}

TEST(Cpus, Pi5HasFourAlike) {
  Machine machine;
  for (int cpu = 0; cpu < 4; ++cpu) {
    machine.Cpu(cpu, std::to_string(cpu));
    machine.CpuFile(cpu, "cpu_capacity", 1024);
    machine.CpuFile(cpu, "cpufreq/cpuinfo_max_freq", 2'400'000);
  }
  const CpuTopology topology = machine.Read();
  EXPECT_THAT(topology.cpus, ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(topology.Why(), "4 physical cores (4 CPUs)");
}

TEST(Cpus, BigLittleBeginsWithTheBigOnes) {
  Machine machine;
  for (int cpu = 0; cpu < 8; ++cpu) {
    machine.Cpu(cpu, std::to_string(cpu));
    machine.CpuFile(cpu, "cpu_capacity", cpu < 4 ? 400 : 1024);
    machine.CpuFile(cpu, "cpufreq/cpuinfo_max_freq", 2'000'000);  // says nothing of the width
  }
  const CpuTopology topology = machine.Read();
  EXPECT_THAT(topology.cpus, ElementsAre(4, 5, 6, 7, 0, 1, 2, 3));
  EXPECT_EQ(topology.Why(), "8 physical cores (4 performance, 4 efficiency; 8 CPUs)");
}

TEST(Cpus, VirtualMachineOfTwoSiblingsHasOneCore) {
  Machine machine;
  machine.Cpu(0, "0-1");
  machine.Cpu(1, "0-1");
  const CpuTopology topology = machine.Read();
  EXPECT_THAT(topology.cpus, ElementsAre(0));
  EXPECT_EQ(topology.Why(), "1 physical core (2 CPUs)");
}

TEST(Cpus, SiblingsOutsideOfTheMaskLeaveTheOtherOne) {
  Machine machine;
  for (const int cpu : {0, 1, 2, 3}) machine.Cpu(cpu, cpu % 2 == 0 ? "0,2" : "1,3");
  EXPECT_THAT(machine.Read({2, 3}).cpus, ElementsAre(2, 3));
  EXPECT_THAT(machine.Read({1, 3}).cpus, ElementsAre(1));
  EXPECT_EQ(machine.Read({3}).Why(), "1 physical core (1 CPU), affinity mask of 1 of 4 CPUs");
}

TEST(Cpus, OldKernelsListThreadSiblings) {
  Machine machine;
  for (const int cpu : {0, 1})
    machine.File(
        "sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/thread_siblings_list",
        "0-1");
  EXPECT_THAT(machine.Read({0, 1}).cpus, ElementsAre(0));
  EXPECT_THAT(machine.Read({2, 3}).cpus, ElementsAre(2, 3));  // unknown: each for itself
  EXPECT_THAT(machine.Read({}).cpus, ElementsAre(0));
}

// A process in the group /box/job.
void MakeContainer(Machine& machine, int cores) {
  for (int cpu = 0; cpu < cores; ++cpu) machine.Cpu(cpu, std::to_string(cpu));
  machine.File("proc/self/cgroup", "0::/box/job");
  machine.File("proc/self/mountinfo", "31 25 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw");
}

TEST(Cpus, ContainersQuotaIsRoundedDown) {
  Machine machine;
  MakeContainer(machine, 4);
  machine.File("sys/fs/cgroup/box/job/cpu.max", "150000 100000");
  EXPECT_THAT(machine.Read().cpus, ElementsAre(0));
  EXPECT_EQ(machine.Read().Why(), "1 of 4 physical cores (4 CPUs), cgroup quota of 1.5 CPUs");
  machine.File("sys/fs/cgroup/box/job/cpu.max", "10000 100000");
  EXPECT_THAT(machine.Read().cpus, ElementsAre(0));
  machine.File("sys/fs/cgroup/box/job/cpu.max", "800000 100000");
  EXPECT_THAT(machine.Read().cpus, SizeIs(4));
  EXPECT_EQ(machine.Read().Why(), "4 physical cores (4 CPUs)");
}

TEST(Cpus, TheTightestOfNestedGroupsCounts) {
  Machine machine;
  MakeContainer(machine, 8);
  machine.File("sys/fs/cgroup/cpu.max", "700000 100000");
  machine.File("sys/fs/cgroup/box/cpu.max", "300000 100000");
  machine.File("sys/fs/cgroup/box/job/cpu.max", "max 100000");
  EXPECT_THAT(machine.Read().cpus, ElementsAre(0, 1, 2));
  machine.File("sys/fs/cgroup/box/job/cpu.max", "50000 25000");
  EXPECT_THAT(machine.Read().cpus, ElementsAre(0, 1));
}

TEST(Cpus, OldCgroupsHaveAQuotaToo) {
  Machine machine;
  MakeContainer(machine, 8);
  machine.File("proc/self/cgroup", "2:cpu,cpuacct:/docker/x\n1:name=systemd:/y");
  machine.File("proc/self/mountinfo",
               "40 1 0:30 /docker/x /cg/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct");
  machine.File("cg/cpu,cpuacct/cpu.cfs_quota_us", "250000");
  machine.File("cg/cpu,cpuacct/cpu.cfs_period_us", "100000");
  EXPECT_THAT(machine.Read().cpus, ElementsAre(0, 1));
  machine.File("cg/cpu,cpuacct/cpu.cfs_quota_us", "-1");
  EXPECT_THAT(machine.Read().cpus, SizeIs(8));
}

TEST(Cpus, QuotaLeavesTheFastCores) {
  Machine machine;
  MakeLaptop(machine);
  machine.File("proc/self/cgroup", "0::/");
  machine.File("proc/self/mountinfo", "31 25 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw");
  machine.File("sys/fs/cgroup/cpu.max", "300000 100000");
  EXPECT_THAT(machine.Read().cpus, ElementsAre(4, 0, 2));
}

TEST(CpuList, IsReadAsTheKernelWritesIt) {
  EXPECT_THAT(ParseCpuList("0-3,8,10-11\n"), ElementsAre(0, 1, 2, 3, 8, 10, 11));
  EXPECT_THAT(ParseCpuList("5"), ElementsAre(5));
  for (const char* text : {"", "\n", "x", "0-", "0-99999999", "99999999999", "-1", "0-9999999999"})
    EXPECT_THAT(ParseCpuList(text), IsEmpty()) << text;
  std::string flood;
  for (int i = 0; i < 100; ++i) flood += "0-65535,";
  EXPECT_THAT(ParseCpuList(flood), IsEmpty());
}

TEST(Cpus, FollowTheAffinityMask) {
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  const std::vector<int> all = AffinityCpus();
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all.size(), static_cast<size_t>(CPU_COUNT(&before)));
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<size_t>(all.back()), &one);
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(AffinityCpus(), std::vector<int>{all.back()});
  EXPECT_THAT(PosixOs().Cpus().cpus, ElementsAre(all.back()));
  EXPECT_EQ(PosixOs().UsableCores(), 1);
  ASSERT_EQ(::sched_setaffinity(0, sizeof before, &before), 0);
}

}  // namespace
}  // namespace ledge::posix
