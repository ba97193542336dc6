#include "engine/turns.h"

#include <gtest/gtest.h>

namespace ledge {
namespace {

TEST(Turns, AClientThatFloodsWaitsBehindItself) {
  Turns turns;
  for (int i = 0; i < 10; ++i) turns.Charge("flood", 100);
  EXPECT_LT(turns.Place("other"), turns.Place("flood"));
  turns.Charge("other", 50);
  EXPECT_LT(turns.Place("other"), turns.Place("flood"));
}

TEST(Turns, NobodySavesUpWhileAway) {
  Turns turns;
  turns.Charge("idle", 10);
  for (int i = 0; i < 10; ++i) turns.Charge("busy", 100);
  // Were its place still where it left, it would be served ten times in a row.
  turns.Charge("idle", 200);
  EXPECT_GT(turns.Place("idle"), turns.Place("busy"));
}

TEST(Turns, ForgetsWithoutEnd) {
  Turns turns;
  for (size_t i = 0; i < 3 * Turns::kMaxClients; ++i) turns.Charge(std::to_string(i), 1);
  EXPECT_GE(turns.Place("new"), 0);
}

}  // namespace
}  // namespace ledge
