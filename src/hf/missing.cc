#include <algorithm>

#include "hf/checkpoint.h"
#include "hf/shape_text.h"

namespace ledge {
namespace {

// Up to the next dot, taken off.
std::string_view NextPart(std::string_view& name) {
  const std::string_view part = name.substr(0, name.find('.'));
  name.remove_prefix(std::min(name.size(), part.size() + 1));
  return part;
}

// Whether two names differ in numbers between dots at most: the same tensor of two layers.
bool SameButForNumbers(std::string_view a, std::string_view b) {
  const auto number = [](std::string_view part) {
    return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  while (!a.empty() && !b.empty()) {
    const std::string_view of_a = NextPart(a);
    const std::string_view of_b = NextPart(b);
    if (of_a != of_b && !(number(of_a) && number(of_b))) return false;
  }
  return a.empty() && b.empty();
}

}  // namespace

Error HfCheckpoint::Missing(std::string_view name) const {
  std::string like;
  for (const HfTensor& tensor : tensors_) {
    if (!SameButForNumbers(tensor.name, name)) continue;
    like = fmt::format(", {} like '{}'", HfShapeText(tensor.shape), PrintableLine(tensor.name, 80));
    break;
  }
  return MakeError(Code::kMalformed, "{}: tensor '{}' is missing; config.json asks for it{}",
                   PrintableLine(folder_, 400), PrintableLine(name, 80), like);
}

}  // namespace ledge
