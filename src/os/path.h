// Paths as text: only what their shape says, without looking at any disk.
#pragma once

#include <string>
#include <string_view>

namespace ledge {

// "a/b" -> "a", "b" -> ".", "/b" -> "/".
std::string ParentFolder(std::string_view path);
// "a/b" and "a/b/" -> "b"; "/" -> "".
std::string BaseName(std::string_view path);
// Exactly one slash between them.
std::string JoinPath(std::string_view folder, std::string_view name);

}  // namespace ledge
