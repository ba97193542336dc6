// The server's certificate and key.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace ledge {

class TlsContext;

// PEM files. TLS 1.2 and later. kNotFound, kMalformed naming the file; kMalformed where the key is
// not the certificate's.
Result<std::shared_ptr<TlsContext>> LoadTls(const std::string& cert_path,
                                            const std::string& key_path);

}  // namespace ledge
