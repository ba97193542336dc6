#include "server/net/tls.h"

#include <unistd.h>

#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include "server/net/byte_stream.h"

namespace ledge {

namespace asio = boost::asio;
using boost::system::error_code;

class TlsContext {
 public:
  asio::ssl::context context{asio::ssl::context::tls_server};
};

namespace {

class TlsStream : public ByteStream {
 public:
  TlsStream(AsioSocket socket, std::shared_ptr<TlsContext> context)
      : context_(std::move(context)), stream_(std::move(socket), context_->context) {}

  void Handshake(Done done) override {
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [done = std::move(done)](error_code failed) { done(failed, 0); });
  }
  void Read(char* data, size_t size, Done done) override {
    stream_.async_read_some(asio::buffer(data, size), std::move(done));
  }
  void Write(const std::string& data, Done done) override {
    asio::async_write(stream_, asio::buffer(data), std::move(done));
  }
  // Without waiting for the other side's goodbye: every answer says where it ends.
  void ShutdownSend() override {
    error_code ignored;
    SSL_shutdown(stream_.native_handle());
    stream_.next_layer().shutdown(AsioSocket::shutdown_send, ignored);
  }
  void Close() override {
    error_code ignored;
    stream_.next_layer().close(ignored);
  }

 private:
  std::shared_ptr<TlsContext> context_;
  asio::ssl::stream<AsioSocket> stream_;
};

Result<void> CheckReadable(const std::string& path) {
  if (access(path.c_str(), R_OK) == 0) return {};
  return MakeError(Code::kNotFound, "{}: cannot be read; must be a PEM file", path);
}

}  // namespace

Result<std::shared_ptr<TlsContext>> LoadTls(const std::string& cert_path,
                                            const std::string& key_path) {
  LEDGE_CHECK_OK(CheckReadable(cert_path));
  LEDGE_CHECK_OK(CheckReadable(key_path));
  auto tls = std::make_shared<TlsContext>();
  error_code failed;
  tls->context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                               asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_sslv3,
                           failed);
  tls->context.use_certificate_chain_file(cert_path, failed);
  if (failed)
    return MakeError(Code::kMalformed, "{}: no certificate; must be a PEM file with one",
                     cert_path);
  tls->context.use_private_key_file(key_path, asio::ssl::context::pem, failed);
  if (failed || SSL_CTX_check_private_key(tls->context.native_handle()) != 1) {
    return MakeError(Code::kMalformed,
                     "{}: no private key, or not the one of {}; must be its PEM file", key_path,
                     cert_path);
  }
  return tls;
}

std::unique_ptr<ByteStream> MakeTlsStream(AsioSocket socket, std::shared_ptr<TlsContext> context) {
  return std::make_unique<TlsStream>(std::move(socket), std::move(context));
}

}  // namespace ledge
