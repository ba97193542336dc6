#include "load/sse.h"

#include <gmock/gmock.h>

#include <vector>

#include "testing/result_matchers.h"

namespace ledge {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Events(std::string_view text, size_t piece) {
  std::vector<std::string> events;
  SseReader reader([&](std::string_view data) { events.emplace_back(data); });
  for (size_t at = 0; at < text.size(); at += piece) EXPECT_OK(reader.Feed(text.substr(at, piece)));
  return events;
}

TEST(SseReader, FindsEventsWhereverTheBytesAreCut) {
  const std::string text =
      ": a comment\ndata: one\n\nevent: x\r\ndata:two\r\n\r\ndata: a\rdata:  b\r\rdata:\n\nid: "
      "7\n\n"
      "data: unfinished\n";
  for (size_t piece = 1; piece <= text.size(); ++piece)
    EXPECT_THAT(Events(text, piece), ElementsAre("one", "two", "a\n b", "")) << piece;
}

TEST(SseReader, RefusesAnEventWithoutEnd) {
  SseReader reader([](std::string_view) {});
  const std::string mib(1 << 20, 'x');
  ASSERT_OK(reader.Feed("data: "));
  EXPECT_ERROR(reader.Feed(mib), Code::kMalformed, "more than");
  SseReader lines([](std::string_view) {});
  Result<void> fed = {};
  for (int i = 0; i < 2'000'000 && fed.ok(); ++i) fed = lines.Feed("data:x\n");
  EXPECT_FALSE(fed.ok());
}

}  // namespace
}  // namespace ledge
