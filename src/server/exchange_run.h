// One request that a model answers, from its admission to the last byte: joins an API's exchange,
// the asks it makes of the residency, and the client's responder.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/exchange.h"
#include "residency/residency.h"
#include "server/front.h"

namespace ledge {

class ExchangeRun : public std::enable_shared_from_this<ExchangeRun> {
 public:
  ExchangeRun(Front& front, std::unique_ptr<Exchange> exchange, std::string path, std::string id,
              std::shared_ptr<Responder> responder);
  ~ExchangeRun();

  // Submits all asks; a refusal is answered at once.
  void Start(const std::string& client);

 private:
  class One : public AskListener {
   public:
    One(ExchangeRun& run, size_t choice) : run_(run), choice_(choice) {}
    void OnStarted(const AskStarted& started) override { run_.OnStarted(choice_, started); }
    void OnPiece(const AskPiece& piece) override { run_.OnPiece(choice_, piece); }
    void OnEnd(const AskEnd& end) override { run_.OnEnd(choice_, end); }
    void OnError(const ApiError& error) override { run_.OnError(choice_, error); }
    uint64_t id = 0;
    bool done = false;

   private:
    ExchangeRun& run_;
    size_t choice_;
  };

  void OnStarted(size_t choice, const AskStarted& started);
  void OnPiece(size_t choice, const AskPiece& piece);
  void OnEnd(size_t choice, const AskEnd& end);
  void OnError(size_t choice, const ApiError& error);
  void Fail(const ApiError& error);
  void CancelAll();
  void Emit(std::string bytes);
  void Send(HttpReply reply);
  void Finish(int status, std::string_view outcome);

  Front& front_;
  std::unique_ptr<Exchange> exchange_;
  std::string path_;
  std::string id_;
  std::shared_ptr<Responder> responder_;
  std::vector<std::unique_ptr<One>> asks_;
  size_t ended_ = 0;
  bool stream_begun_ = false;
  bool finished_ = false;
  uint32_t prompt_tokens_ = 0;
  uint32_t completion_tokens_ = 0;
  std::chrono::nanoseconds began_{0};
  std::chrono::nanoseconds last_piece_{0};
};

}  // namespace ledge
