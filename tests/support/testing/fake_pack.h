// A pack function for tests of the store: the packed form of a text is that text, framed and
// repeated, so that a whole one can be told from a torn one.
#pragma once

#include <algorithm>
#include <atomic>
#include <span>
#include <string>
#include <string_view>

#include "os/sha256.h"
#include "store/store.h"

namespace ledge::testing {

// A few sectors long, so that tearing has something to tear.
inline std::string FakePackedText(std::string_view source) {
  std::string text = "packed:";
  for (int i = 0; i < 200; ++i) text.append(source).append(";");
  return text + "end";
}

// Writes the body first and the head last, as a packer does that learns totals on the way.
inline PackFunction FakePack(std::string source, std::atomic<int>* calls = nullptr) {
  return [source = std::move(source), calls](PendingFile& out) -> Result<PackedInfo> {
    if (calls != nullptr) ++*calls;
    const std::string text = FakePackedText(source);
    const auto bytes = std::as_bytes(std::span(text));
    const size_t head = std::min<size_t>(600, bytes.size() / 2);
    LEDGE_CHECK_OK(out.WriteAt(head, bytes.subspan(head)));
    LEDGE_CHECK_OK(out.WriteAt(0, bytes.first(head)));
    PackedInfo info;
    info.source_sha256 = Sha256Of(source);
    info.source_bytes = source.size();
    info.packed_bytes = text.size();
    info.architecture = "fake";
    info.parameters = 7;
    info.quantisation = "q4_0";
    info.licence = "MIT";
    return info;
  };
}

}  // namespace ledge::testing
