#include "os/path.h"

namespace ledge {

std::string ParentFolder(std::string_view path) {
  const size_t end = path.find_last_not_of('/');
  if (end == path.npos) return path.empty() ? "." : "/";
  const size_t slash = path.rfind('/', end);
  if (slash == path.npos) return ".";
  const size_t last = path.find_last_not_of('/', slash);
  return last == path.npos ? "/" : std::string(path.substr(0, last + 1));
}

std::string BaseName(std::string_view path) {
  const size_t end = path.find_last_not_of('/');
  if (end == path.npos) return "";
  const size_t slash = path.rfind('/', end);
  const size_t begin = slash == path.npos ? 0 : slash + 1;
  return std::string(path.substr(begin, end + 1 - begin));
}

std::string JoinPath(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (!path.ends_with('/')) path += '/';
  path += name;
  return path;
}

}  // namespace ledge
