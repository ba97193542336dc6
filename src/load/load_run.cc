#include "load/load_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <list>

#include "load/prompt_choice.h"
#include "load/transfer.h"

namespace ledge {
namespace {

using Clock = Transfer::Clock;

// How long a wait for the network may last before progress is asked.
constexpr std::chrono::milliseconds kLongestWait{200};
constexpr std::chrono::milliseconds kModelsTimeout{10'000};

Result<std::string> ApiUrl(const LoadOptions& options, std::string_view path) {
  std::string base = options.url;
  if (!base.starts_with("http://") && !base.starts_with("https://")) {
    return MakeError(Code::kUsage, "URL '{}' is none; write http://HOST:PORT",
                     PrintableLine(base, 100));
  }
  while (base.ends_with('/')) base.pop_back();
  if (!base.ends_with("/v1")) base += "/v1";
  return base + std::string(path);
}

size_t Append(char* bytes, size_t size, size_t count, void* to) {
  auto& text = *static_cast<std::string*>(to);
  if (text.size() + size * count > kMaxKeptBody) return 0;
  text.append(bytes, size * count);
  return size * count;
}

class LoadRun {
 public:
  LoadRun(const LoadOptions& options, std::string url)
      : options_(options),
        url_(std::move(url)),
        headers_(MakeHeaders(options.key)),
        multi_(curl_multi_init()),
        choice_(options.prompts.size(), options.zipf, options.seed),
        arrivals_(options.seed + 1) {}
  ~LoadRun() {
    for (const Transfer& transfer : running_)
      curl_multi_remove_handle(multi_.get(), transfer.handle());
  }

  Result<LoadReport> Run(const LoadProgress& progress) {
    begin_ = due_ = Clock::now();
    while (outcomes_.size() < options_.requests) {
      LEDGE_CHECK_OK(StartWhatIsDue());
      int still_running = 0;
      curl_multi_perform(multi_.get(), &still_running);
      CollectFinished();
      if (progress && !progress(outcomes_.size(), options_.requests))
        return MakeError(Code::kInterrupted, "interrupted");
      if (outcomes_.size() == options_.requests || MayStart()) continue;
      curl_multi_poll(multi_.get(), nullptr, 0, WaitMs(), nullptr);
    }
    return SumUp(outcomes_, Clock::now() - begin_);
  }

 private:
  bool open_loop() const { return options_.rate > 0; }
  bool MayStart() const {
    return started_ < options_.requests && running_.size() < options_.concurrency &&
           (!open_loop() || Clock::now() >= due_);
  }
  int WaitMs() const {
    auto wait = kLongestWait;
    if (open_loop() && started_ < options_.requests && running_.size() < options_.concurrency) {
      const auto until_due = std::chrono::ceil<std::chrono::milliseconds>(due_ - Clock::now());
      wait = std::clamp(until_due, std::chrono::milliseconds(0), kLongestWait);
    }
    return static_cast<int>(wait.count());
  }

  Result<void> StartWhatIsDue() {
    while (MayStart()) {
      LEDGE_TRY(std::string body, ChatBody({.model = options_.model,
                                            .system = options_.prefix,
                                            .prompt = options_.prompts[choice_.Next()],
                                            .schema = options_.schema,
                                            .max_tokens = options_.max_tokens,
                                            .temperature = options_.temperature,
                                            .ignore_end = options_.ignore_end}));
      CurlEasy handle;
      if (idle_.empty()) {
        handle = MakeCurl(url_, headers_, options_.timeout);
      } else {
        handle = std::move(idle_.back());
        idle_.pop_back();
      }
      running_.emplace_back(std::move(handle), std::move(body), open_loop() ? due_ : Clock::now());
      curl_multi_add_handle(multi_.get(), running_.back().handle());
      ++started_;
      if (open_loop()) {
        due_ += std::chrono::duration_cast<Clock::duration>(
            std::chrono::duration<double>(arrivals_.Exponential() / options_.rate));
      }
    }
    return {};
  }

  void CollectFinished() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      CURL* handle = message->easy_handle;
      const auto found =
          std::find_if(running_.begin(), running_.end(),
                       [&](const Transfer& transfer) { return transfer.handle() == handle; });
      outcomes_.push_back(found->Finish(code));
      curl_multi_remove_handle(multi_.get(), handle);
      idle_.push_back(found->TakeHandle());  // with its connection
      running_.erase(found);
    }
  }

  const LoadOptions& options_;
  std::string url_;
  CurlList headers_;
  CurlMulti multi_;
  PromptChoice choice_;
  LoadRandom arrivals_;
  Clock::time_point begin_;
  Clock::time_point due_;  // the next arrival of an open loop
  uint64_t started_ = 0;
  std::list<Transfer> running_;
  std::vector<CurlEasy> idle_;
  std::vector<RequestOutcome> outcomes_;
};

}  // namespace

Result<LoadReport> RunLoad(const LoadOptions& options, const LoadProgress& progress) {
  LEDGE_TRY(std::string url, ApiUrl(options, "/chat/completions"));
  return LoadRun(options, std::move(url)).Run(progress);
}

Result<std::string> FirstModel(const LoadOptions& options) {
  LEDGE_TRY(const std::string url, ApiUrl(options, "/models"));
  const CurlList headers = MakeHeaders(options.key);
  const CurlEasy handle = MakeCurl(url, headers, kModelsTimeout);
  std::string body;
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, Append);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &body);
  const CURLcode code = curl_easy_perform(handle.get());
  if (code != CURLE_OK) {
    return MakeError(Code::kUnreachable, "{}: {}; a server should answer there",
                     PrintableLine(url, 200), curl_easy_strerror(code));
  }
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) {
    return MakeError(Code::kUnreachable, "{}: answered {} {}; write --model NAME to go on without",
                     PrintableLine(url, 200), status, PrintableLine(ErrorMessageOf(body), 200));
  }
  return FirstModelOf(body);
}

}  // namespace ledge
