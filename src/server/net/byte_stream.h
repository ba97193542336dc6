// A connection's bytes, plain or through TLS, over TCP or a Unix socket. Included by server/net
// alone.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

namespace ledge {

using AsioSocket = boost::asio::generic::stream_protocol::socket;

class ByteStream {
 public:
  using Done = std::function<void(boost::system::error_code failed, size_t bytes)>;
  virtual ~ByteStream() = default;
  // Before anything else. Plain streams are ready at once.
  virtual void Handshake(Done done) = 0;
  virtual void Read(char* data, size_t size, Done done) = 0;
  // All of it; `data` must live until then.
  virtual void Write(const std::string& data, Done done) = 0;
  // No more will be written.
  virtual void ShutdownSend() = 0;
  virtual void Close() = 0;
};

// Certificates and how TLS is spoken; shared by the connections that were made with it.
class TlsContext;

std::unique_ptr<ByteStream> MakePlainStream(AsioSocket socket);
std::unique_ptr<ByteStream> MakeTlsStream(AsioSocket socket, std::shared_ptr<TlsContext> context);

}  // namespace ledge
