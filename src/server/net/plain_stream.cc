#include <boost/asio/write.hpp>

#include "server/net/byte_stream.h"

namespace ledge {
namespace {

class PlainStream : public ByteStream {
 public:
  explicit PlainStream(AsioSocket socket) : socket_(std::move(socket)) {}

  void Handshake(Done done) override { done({}, 0); }
  void Read(char* data, size_t size, Done done) override {
    socket_.async_read_some(boost::asio::buffer(data, size), std::move(done));
  }
  void Write(const std::string& data, Done done) override {
    boost::asio::async_write(socket_, boost::asio::buffer(data), std::move(done));
  }
  void ShutdownSend() override {
    boost::system::error_code ignored;
    socket_.shutdown(AsioSocket::shutdown_send, ignored);
  }
  void Close() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  AsioSocket socket_;
};

}  // namespace

std::unique_ptr<ByteStream> MakePlainStream(AsioSocket socket) {
  return std::make_unique<PlainStream>(std::move(socket));
}

}  // namespace ledge
