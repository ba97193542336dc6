#include "server/net/connection.h"

#include <fmt/format.h>

#include <ctime>

namespace ledge {
namespace {

using boost::system::error_code;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr size_t kMaxUnsentBytes = 1 << 20;  // of a stream whose reader is slow
constexpr size_t kMaxPipelinedBytes = 64 << 10;
constexpr nanoseconds kLingerTime = seconds(2);

std::string HttpDate() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[64];
  const size_t size = std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text, size};
}

}  // namespace

// A responder outlives its connection where its answer's maker holds it; it does nothing then.
class ConnectionResponder : public Responder {
 public:
  explicit ConnectionResponder(std::weak_ptr<Connection> connection)
      : connection_(std::move(connection)) {}
  ~ConnectionResponder() override {
    // Nobody will answer any more.
    const auto c = Mine();
    if (c != nullptr && !c->complete_) c->Shut(false);
  }

  void Send(HttpReply reply) override {
    const auto c = Mine();
    if (c == nullptr || c->streaming_ || c->complete_) return;
    std::string bytes = c->HeadOf(reply.status, reply.headers, reply.body.size());
    if (!c->head_only_) bytes += reply.body;
    c->complete_ = true;
    c->Queue(std::move(bytes));
  }

  void BeginStream(int status, HttpHeaders headers) override {
    const auto c = Mine();
    if (c == nullptr || c->streaming_ || c->complete_) return;
    c->streaming_ = true;
    c->Queue(c->HeadOf(status, headers, std::nullopt));
  }

  void Write(std::string bytes) override {
    const auto c = Mine();
    if (c == nullptr || !c->streaming_ || c->complete_ || bytes.empty() || c->head_only_) return;
    if (c->out_bytes_ > kMaxUnsentBytes) return c->ClientGone();
    if (c->chunked_) bytes = fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
    c->Queue(std::move(bytes));
  }

  void End() override {
    const auto c = Mine();
    if (c == nullptr || !c->streaming_ || c->complete_) return;
    c->complete_ = true;
    c->Queue(c->chunked_ && !c->head_only_ ? "0\r\n\r\n" : "");
  }

 private:
  // The connection, if it is still at this answer.
  std::shared_ptr<Connection> Mine() {
    auto c = connection_.lock();
    if (c == nullptr || c->phase_ != Connection::Phase::kAnswering) return nullptr;
    if (turn_ == 0) turn_ = c->requests_;
    return turn_ == c->requests_ ? c : nullptr;
  }
  friend class Connection;
  std::weak_ptr<Connection> connection_;
  size_t turn_ = 0;
};

Connection::Connection(boost::asio::io_context& context, std::unique_ptr<ByteStream> stream,
                       Peer peer, std::shared_ptr<ServerState> server, Closed on_closed)
    : stream_(std::move(stream)),
      peer_(std::move(peer)),
      server_(std::move(server)),
      on_closed_(std::move(on_closed)),
      timer_(context) {}

Connection::~Connection() = default;

void Connection::Start() {
  SetDeadline(server_->limits.head_time);
  stream_->Handshake([self = shared_from_this()](error_code failed, size_t) {
    if (self->phase_ != Phase::kHandshake) return;
    if (failed) return self->Close();
    self->phase_ = Phase::kHead;
    self->parser_ = std::make_unique<HttpParser>(self->server_->limits);
    self->Read();
  });
}

void Connection::SetDeadline(nanoseconds delay) {
  const uint64_t turn = ++timer_turn_;
  timer_.expires_after(std::chrono::duration_cast<boost::asio::steady_timer::duration>(delay));
  timer_.async_wait([self = weak_from_this(), turn](error_code failed) {
    const auto c = self.lock();
    if (!failed && c != nullptr && c->timer_turn_ == turn) c->OnDeadline();
  });
}

void Connection::OnDeadline() {
  switch (phase_) {
    case Phase::kHead:
      if (in_.empty()) return Close();
      return Refuse(408, "the request's head took too long");
    case Phase::kBody:
      return Refuse(408, "the request's body took too long");
    case Phase::kAnswering:  // its reader stands still
      return ClientGone();
    default:
      return Close();
  }
}

void Connection::Read() {
  if (reading_ || phase_ == Phase::kClosed || client_done_) return;
  if (phase_ == Phase::kAnswering && in_.size() > kMaxPipelinedBytes) return;
  reading_ = true;
  stream_->Read(buffer_.data(), buffer_.size(),
                [self = shared_from_this()](error_code failed, size_t bytes) {
                  self->reading_ = false;
                  if (self->phase_ != Phase::kClosed) self->OnBytes(failed, bytes);
                });
}

void Connection::OnBytes(error_code failed, size_t bytes) {
  if (failed) {
    client_done_ = true;
    // Whoever ends its side while it is being answered has lost interest: no more is computed for
    // it.
    if (phase_ == Phase::kAnswering && !complete_) return ClientGone();
    if (phase_ == Phase::kAnswering) {
      close_after_ = true;
      return;
    }
    return Close();
  }
  if (phase_ == Phase::kLingering) return Read();
  const bool was_empty = in_.empty();
  in_.append(buffer_.data(), bytes);
  if (phase_ == Phase::kHead && was_empty) SetDeadline(server_->limits.head_time);
  Advance();
  Read();
}

void Connection::Advance() {
  while (phase_ == Phase::kHead || phase_ == Phase::kBody) {
    if (in_.empty() && phase_ == Phase::kHead) return;
    const bool in_body = phase_ == Phase::kBody;
    const auto state = parser_->Feed(in_);
    if (state == HttpParser::State::kFailed)
      return Refuse(parser_->problem().status, parser_->problem().message);
    if (!in_body && state != HttpParser::State::kHead && !OnHead()) return;
    if (state == HttpParser::State::kDone) return Dispatch();
    if (state == HttpParser::State::kHead) return;
    const auto in_all = std::chrono::steady_clock::now() - body_began_;
    const nanoseconds left = server_->limits.body_time - in_all;
    if (left.count() <= 0) return Refuse(408, "the request's body took too long");
    SetDeadline(std::min(left, server_->limits.body_idle));
    if (in_body) return;  // it took what it could
  }
}

bool Connection::OnHead() {
  HttpRequest& head = parser_->request();
  head.peer = peer_.address;
  head.peer_is_local = peer_.is_local;
  head.peer_is_unix = peer_.is_unix;
  head_only_ = head.method == "HEAD";
  chunked_ = !parser_->http_1_0();
  ++requests_;
  close_after_ = !parser_->keep_alive() || requests_ >= server_->limits.requests_per_connection ||
                 server_->draining;
  streaming_ = false;
  complete_ = false;
  if (auto refusal = server_->handlers.on_head(head, authorised_)) {
    // The body was not read: the connection can't be used any more, if there is one.
    phase_ = Phase::kAnswering;
    close_after_ = true;
    complete_ = true;
    std::string bytes = HeadOf(refusal->status, refusal->headers, refusal->body.size());
    if (!head_only_) bytes += refusal->body;
    Queue(std::move(bytes));
    return false;
  }
  if (parser_->state() == HttpParser::State::kDone) return true;
  phase_ = Phase::kBody;
  body_began_ = std::chrono::steady_clock::now();
  if (parser_->expects_continue()) Queue("HTTP/1.1 100 Continue\r\n\r\n");
  return true;
}

void Connection::Dispatch() {
  phase_ = Phase::kAnswering;
  ++timer_turn_;  // no deadline while it is worked on
  timer_.cancel();
  auto responder = std::make_shared<ConnectionResponder>(weak_from_this());
  responder->turn_ = requests_;
  responder_ = responder;
  server_->handlers.on_request(std::move(parser_->request()), std::move(responder));
}

std::string Connection::HeadOf(int status, const HttpHeaders& headers,
                               std::optional<size_t> length) const {
  std::string head =
      fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\nConnection: {}\r\n", status, ReasonPhrase(status),
                  HttpDate(), close_after_ || (!length && !chunked_) ? "close" : "keep-alive");
  for (const auto& [name, value] : headers) head += name + ": " + value + "\r\n";
  if (length) {
    head += fmt::format("Content-Length: {}\r\n", *length);
  } else if (chunked_) {
    head += "Transfer-Encoding: chunked\r\n";
  }
  return head + "\r\n";
}

void Connection::Refuse(int status, const std::string& message) {
  if (phase_ == Phase::kClosed) return;
  const std::string path = parser_ == nullptr ? "" : parser_->request().path;
  const HttpReply reply = server_->handlers.on_problem(status, message, path);
  phase_ = Phase::kAnswering;
  close_after_ = true;
  complete_ = true;
  Queue(HeadOf(reply.status, reply.headers, reply.body.size()) + reply.body);
}

void Connection::Queue(std::string bytes) {
  if (phase_ == Phase::kClosed) return;
  if (!bytes.empty()) {
    out_bytes_ += bytes.size();
    out_.push_back(std::move(bytes));
  }
  if (!writing_) WriteNext();
}

void Connection::WriteNext() {
  if (out_.empty()) {
    if (phase_ == Phase::kAnswering && complete_) AnswerDone();
    return;
  }
  // Small pieces that came together leave together.
  while (out_.size() > 1 && out_[0].size() + out_[1].size() < 64 << 10) {
    out_[1].insert(0, out_[0]);
    out_.pop_front();
  }
  writing_ = true;
  if (phase_ == Phase::kAnswering) SetDeadline(server_->limits.write_stall);
  stream_->Write(out_.front(), [self = shared_from_this()](error_code failed, size_t bytes) {
    self->writing_ = false;
    if (self->phase_ == Phase::kClosed) return;
    if (failed) return self->ClientGone();
    self->out_bytes_ -= std::min(bytes, self->out_bytes_);
    self->out_.pop_front();
    if (self->phase_ == Phase::kAnswering) ++self->timer_turn_;
    self->WriteNext();
  });
}

void Connection::AnswerDone() {
  if (close_after_ || (streaming_ && !chunked_)) return Linger();
  phase_ = Phase::kHead;
  idle_since_ = std::chrono::steady_clock::now();
  parser_ = std::make_unique<HttpParser>(server_->limits);
  SetDeadline(in_.empty() ? server_->limits.keep_alive : server_->limits.head_time);
  // Not from within: many small requests in one go would nest.
  boost::asio::post(timer_.get_executor(), [self = shared_from_this()] {
    self->Advance();
    self->Read();
  });
}

// The client reads the answer before the connection is reset for what of it was not read.
void Connection::Linger() {
  if (client_done_) return Close();
  phase_ = Phase::kLingering;
  in_.clear();
  SetDeadline(kLingerTime);
  stream_->ShutdownSend();
  Read();
}

void Connection::ClientGone() {
  const auto responder = responder_.lock();
  Close();
  if (responder != nullptr && responder->on_gone) {
    const auto gone = std::move(responder->on_gone);
    responder->on_gone = nullptr;
    gone();
  }
}

void Connection::Close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  timer_.cancel();
  ++timer_turn_;
  stream_->Close();
  if (on_closed_) std::exchange(on_closed_, nullptr)(*this);
}

void Connection::Shut(bool gently) {
  if (gently && (phase_ == Phase::kAnswering || phase_ == Phase::kBody)) {
    close_after_ = true;
    return;
  }
  ClientGone();
}

}  // namespace ledge
