#include "os/thread_place.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <functional>
#include <thread>

namespace ledge {
namespace {

// On a thread of its own: nothing of it stays with the other tests.
void Alone(const std::function<void(const cpu_set_t& allowed)>& test) {
  std::thread([&] {
    cpu_set_t allowed;
    ASSERT_EQ(::sched_getaffinity(0, sizeof(allowed), &allowed), 0);
    test(allowed);
    cpu_set_t after;
    ASSERT_EQ(::sched_getaffinity(0, sizeof(after), &after), 0);
    EXPECT_TRUE(CPU_EQUAL(&allowed, &after));
  }).join();
}

TEST(ThreadPlace, MovesToEachCpuThatItMayRunOn) {
  Alone([](const cpu_set_t& allowed) {
    int reached = 0;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (!CPU_ISSET(cpu, &allowed)) continue;
      // The system may move it on at once; it hardly ever does so fifty times.
      for (int i = 0; i < 50; ++i) {
        MoveToCpu(cpu);
        if (CurrentCpu() != cpu) continue;
        ++reached;
        break;
      }
    }
    EXPECT_EQ(reached, CPU_COUNT(&allowed));
  });
}

TEST(ThreadPlace, StaysWhereItIsForACpuItMayNotRunOn) {
  Alone([](const cpu_set_t&) {
    for (const int cpu : {-1, CPU_SETSIZE - 1, CPU_SETSIZE, 1 << 30}) MoveToCpu(cpu);
    EXPECT_GE(CurrentCpu(), 0);
  });
}

}  // namespace
}  // namespace ledge
