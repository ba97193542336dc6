#include "load/transfer.h"

#include <fmt/format.h>

#include "base/error.h"

namespace ledge {

Transfer::Transfer(CurlEasy handle, std::string body, Clock::time_point due)
    : handle_(std::move(handle)),
      body_(std::move(body)),
      due_(due),
      events_([this](std::string_view data) { OnEvent(data); }) {
  curl_easy_setopt(handle_.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(body_.size()));
  curl_easy_setopt(handle_.get(), CURLOPT_POSTFIELDS, body_.c_str());
  curl_easy_setopt(handle_.get(), CURLOPT_WRITEFUNCTION, OnBytes);
  curl_easy_setopt(handle_.get(), CURLOPT_WRITEDATA, this);
  curl_easy_setopt(handle_.get(), CURLOPT_PRIVATE, this);
}

size_t Transfer::OnBytes(char* bytes, size_t size, size_t count, void* self) {
  const bool go_on = static_cast<Transfer*>(self)->Receive({bytes, size * count});
  return go_on ? size * count : 0;  // less than all ends the transfer
}

bool Transfer::Receive(std::string_view bytes) {
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) {
    answer_.append(bytes.substr(0, kMaxKeptBody - std::min(kMaxKeptBody, answer_.size())));
    return true;
  }
  if (auto fed = events_.Feed(bytes); !fed.ok()) {
    outcome_.error = fed.error().message;
    return false;
  }
  return true;
}

void Transfer::OnEvent(std::string_view data) {
  if (data == "[DONE]") {
    ended_ = true;
    return;
  }
  const auto chunk = ParseChatChunk(data);
  if (!chunk.ok() || !chunk->error.empty()) {
    outcome_.error = PrintableLine(chunk.ok() ? chunk->error : chunk.error().message, 200);
    return;
  }
  if (chunk->usage) outcome_.usage = chunk->usage;
  if (!chunk->has_text) return;
  const auto now = Clock::now();
  if (outcome_.pieces++ == 0)
    outcome_.to_first = now - due_;
  else
    outcome_.gaps.push_back(now - last_piece_);
  last_piece_ = now;
}

RequestOutcome Transfer::Finish(CURLcode code) {
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  outcome_.status = static_cast<int>(status);
  outcome_.total = Clock::now() - due_;
  if (!outcome_.error.empty()) return std::move(outcome_);
  if (code != CURLE_OK) {
    outcome_.error = curl_easy_strerror(code);
  } else if (status != 200) {
    outcome_.error = fmt::format("{}: {}", status, PrintableLine(ErrorMessageOf(answer_), 200));
  } else if (!ended_) {
    outcome_.error = "the stream ended early";
  }
  return std::move(outcome_);
}

}  // namespace ledge
