// One client's connection: reads requests one after another, hands them on, writes the answers.
// Included by server/net alone.
#pragma once

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <string>

#include "server/http/parser.h"
#include "server/net/byte_stream.h"
#include "server/net/http_server.h"

namespace ledge {

struct Peer {
  std::string address;
  bool is_local = false;
  bool is_unix = false;
};

// What connections share; outlives them.
struct ServerState {
  HttpLimits limits;
  HttpHandlers handlers;
  bool draining = false;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Closed = std::function<void(Connection&)>;
  Connection(boost::asio::io_context& context, std::unique_ptr<ByteStream> stream, Peer peer,
             std::shared_ptr<ServerState> server, Closed on_closed);
  ~Connection();

  void Start();
  // Nothing is being received or answered.
  bool idle() const { return phase_ == Phase::kHead && in_.empty(); }
  // Since when, while it is.
  std::chrono::steady_clock::time_point idle_since() const { return idle_since_; }
  bool authorised() const { return authorised_; }
  const Peer& peer() const { return peer_; }
  // Ends it at once, or after the answer under way if `gently`.
  void Shut(bool gently);
  // Answers with this status and ends, whatever was asked.
  void Refuse(int status, const std::string& message);

 private:
  friend class ConnectionResponder;
  enum class Phase { kHandshake, kHead, kBody, kAnswering, kLingering, kClosed };

  void Read();
  void OnBytes(boost::system::error_code failed, size_t bytes);
  void Advance();
  bool OnHead();
  void Dispatch();
  void Queue(std::string bytes);
  void WriteNext();
  void AnswerDone();
  void Linger();
  void Close();
  void ClientGone();
  void SetDeadline(std::chrono::nanoseconds delay);
  void OnDeadline();
  std::string HeadOf(int status, const HttpHeaders& headers, std::optional<size_t> length) const;

  std::unique_ptr<ByteStream> stream_;
  Peer peer_;
  std::shared_ptr<ServerState> server_;
  Closed on_closed_;
  boost::asio::steady_timer timer_;
  uint64_t timer_turn_ = 0;

  Phase phase_ = Phase::kHandshake;
  std::unique_ptr<HttpParser> parser_;
  std::chrono::steady_clock::time_point body_began_;
  std::chrono::steady_clock::time_point idle_since_ = std::chrono::steady_clock::now();
  std::array<char, 32768> buffer_{};
  std::string in_;
  bool reading_ = false;
  bool client_done_ = false;  // it has sent all it will send

  std::deque<std::string> out_;
  size_t out_bytes_ = 0;
  bool writing_ = false;
  size_t requests_ = 0;
  bool authorised_ = false;
  // Of the answer under way.
  std::weak_ptr<Responder> responder_;
  bool streaming_ = false;
  bool chunked_ = false;
  bool complete_ = false;
  bool close_after_ = false;
  bool head_only_ = false;
};

}  // namespace ledge
