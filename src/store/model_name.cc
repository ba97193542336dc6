#include "store/model_name.h"

#include <algorithm>

#include "os/path.h"

namespace ledge {
namespace {

constexpr size_t kMaxPart = 64;
constexpr std::string_view kManifestSuffix = ".json";

bool IsAlnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool IsInner(char c) { return IsAlnum(c) || c == '.' || c == '_' || c == '-'; }

char Fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool IsPart(std::string_view part) {
  return !part.empty() && part.size() <= kMaxPart && IsAlnum(part[0]) &&
         std::all_of(part.begin(), part.end(), IsInner);
}

bool Fits(const ModelName& name) {
  return (name.org.empty() || IsPart(name.org)) && IsPart(name.name) && IsPart(name.tag);
}

}  // namespace

std::string ModelName::ToString() const {
  std::string text = org.empty() ? name : org + "/" + name;
  if (tag != "latest") text += ":" + tag;
  return text;
}

std::string ModelName::ManifestFile() const {
  std::string file = org.empty() ? name : org + "+" + name;
  return file + "@" + tag + std::string(kManifestSuffix);
}

Result<ModelName> ModelName::FromManifestFile(std::string_view file) {
  ModelName name;
  bool fits = file.ends_with(kManifestSuffix);
  if (fits) {
    std::string_view rest = file.substr(0, file.size() - kManifestSuffix.size());
    if (const size_t plus = rest.find('+'); plus != rest.npos) {
      name.org = rest.substr(0, plus);
      rest.remove_prefix(plus + 1);
      fits = !name.org.empty();
    }
    const size_t at = rest.find('@');
    fits = fits && at != rest.npos;
    if (fits) {
      name.name = rest.substr(0, at);
      name.tag = rest.substr(at + 1);
      fits = Fits(name);
    }
  }
  if (fits) return name;
  return MakeError(Code::kMalformed, "'{}' is not the file of a model's name",
                   PrintableLine(file, 100));
}

Result<ModelName> ParseModelName(std::string_view text) {
  std::string folded(text);
  std::transform(folded.begin(), folded.end(), folded.begin(), Fold);
  std::string_view rest = folded;
  ModelName name;
  bool fits = true;
  if (const size_t slash = rest.find('/'); slash != rest.npos) {
    name.org = rest.substr(0, slash);
    rest.remove_prefix(slash + 1);
    fits = !name.org.empty();
  }
  if (const size_t colon = rest.find(':'); colon != rest.npos) {
    name.tag = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
  }
  name.name = rest;
  if (fits && Fits(name)) return name;
  return MakeError(Code::kUsage,
                   "'{}' is not a model's name; it has up to 64 letters, digits, '.', '_' or '-', "
                   "begins with a letter or digit, and may have 'org/' before and ':tag' after",
                   PrintableLine(text, 100));
}

ModelName SuggestModelName(std::string_view path) {
  std::string file = BaseName(path);
  std::transform(file.begin(), file.end(), file.begin(), Fold);
  if (file.ends_with(".gguf")) file.resize(file.size() - 5);
  ModelName name;
  for (const char c : file) {
    const char fit = IsInner(c) ? c : '-';
    if (name.name.empty() && !IsAlnum(fit)) continue;
    if (fit == '-' && name.name.ends_with('-')) continue;
    if (name.name.size() < kMaxPart) name.name += fit;
  }
  while (!name.name.empty() && !IsAlnum(name.name.back())) name.name.pop_back();
  if (name.name.empty()) name.name = "model";
  return name;
}

}  // namespace ledge
