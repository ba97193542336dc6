// Who already answers at an address that is to be listened on, for the message that says so.
#pragma once

#include <sys/socket.h>

#include <string>

namespace ledge {

// "another ledge", "Ollama", what the program calls itself in its answer to GET /, or "another
// program". Takes a second at most.
std::string WhoListens(const sockaddr* address, socklen_t size);

}  // namespace ledge
