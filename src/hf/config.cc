#include "hf/config.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace ledge {
namespace {

using Json = nlohmann::json;

std::string Shown(const Json& value) {
  return PrintableLine(value.dump(-1, ' ', false, Json::error_handler_t::replace), 60);
}

}  // namespace

struct HfConfig::Node {
  std::shared_ptr<const Json> tree;
  const Json* value;

  const Json* Find(std::string_view field) const {
    const auto found = value->find(field);
    return found == value->end() || found->is_null() ? nullptr : &*found;
  }
};

Error HfConfig::Malformed(std::string_view field, std::string_view problem) const {
  return MakeError(Code::kMalformed, "{}: {} {}", file_, PrintableLine(Name(field), 120), problem);
}
Error HfConfig::Unsupported(std::string_view field, std::string_view problem) const {
  return MakeError(Code::kUnsupported, "{}: {} {}", file_, PrintableLine(Name(field), 120),
                   problem);
}

Result<HfConfig> HfConfig::Parse(std::string_view text, std::string_view file) {
  const std::string name = PrintableLine(file, 400);
  if (text.size() > kMaxHfConfigBytes) {
    return MakeError(Code::kMalformed, "{}: has {} bytes; at most {} are accepted", name,
                     text.size(), kMaxHfConfigBytes);
  }
  // Deeper values are left out while parsing, so that nobody has to walk or free such a tree.
  bool too_deep = false;
  const auto within = [&too_deep](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kMaxHfConfigDepth;
    return !too_deep;
  };
  Json tree = Json::parse(text, within, false);
  if (too_deep || tree.is_discarded() || !tree.is_object()) {
    return MakeError(Code::kMalformed,
                     "{}: is not a JSON object in UTF-8, nested at most {} levels deep", name,
                     kMaxHfConfigDepth);
  }
  auto kept = std::make_shared<const Json>(std::move(tree));
  const Json* const value = kept.get();
  return HfConfig(std::make_shared<Node>(Node{std::move(kept), value}), name, "");
}

HfConfig HfConfig::None(std::string_view file) {
  auto kept = std::make_shared<const Json>(Json::object());
  const Json* const value = kept.get();
  return {std::make_shared<Node>(Node{std::move(kept), value}), PrintableLine(file, 400), ""};
}

bool HfConfig::has(std::string_view field) const { return node_->Find(field) != nullptr; }

Result<uint64_t> HfConfig::Count(std::string_view field) const {
  const Json* const value = node_->Find(field);
  if (value == nullptr) return Malformed(field, "is missing; it should be a whole number");
  if (!value->is_number_unsigned() || value->get<uint64_t>() > kMaxHfCount) {
    return Malformed(field, fmt::format("is {}; it should be a whole number up to {}",
                                        Shown(*value), kMaxHfCount));
  }
  return value->get<uint64_t>();
}
Result<uint64_t> HfConfig::Count(std::string_view field, uint64_t fallback) const {
  return has(field) ? Count(field) : fallback;
}

Result<double> HfConfig::Number(std::string_view field) const {
  const Json* const value = node_->Find(field);
  if (value == nullptr) return Malformed(field, "is missing; it should be a number");
  if (!value->is_number() || !std::isfinite(value->get<double>())) {
    return Malformed(field, fmt::format("is {}; it should be a number", Shown(*value)));
  }
  return value->get<double>();
}
Result<double> HfConfig::Number(std::string_view field, double fallback) const {
  return has(field) ? Number(field) : fallback;
}

Result<bool> HfConfig::Bool(std::string_view field, bool fallback) const {
  const Json* const value = node_->Find(field);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) {
    return Malformed(field, fmt::format("is {}; it should be true or false", Shown(*value)));
  }
  return value->get<bool>();
}

Result<std::string> HfConfig::Text(std::string_view field, std::string_view fallback) const {
  const Json* const value = node_->Find(field);
  if (value == nullptr) return std::string(fallback);
  if (!value->is_string()) {
    return Malformed(field, fmt::format("is {}; it should be a text", Shown(*value)));
  }
  return value->get<std::string>();
}

namespace {

// The elements of a list, or the value itself.
template <typename T, typename Take>
Result<std::vector<T>> Elements(const HfConfig& config, std::string_view field, const Json* value,
                                std::string_view wanted, Take&& take) {
  std::vector<T> elements;
  if (value == nullptr) return elements;
  const size_t count = value->is_array() ? value->size() : 1;
  if (count > kMaxHfListEntries) {
    return config.Malformed(
        field, fmt::format("has {} entries; at most {} are accepted", count, kMaxHfListEntries));
  }
  for (size_t i = 0; i < count; ++i) {
    const Json& element = value->is_array() ? (*value)[i] : *value;
    auto taken = take(element);
    if (!taken) {
      return config.Malformed(
          field, fmt::format("has {} in it; there should be only {}", Shown(element), wanted));
    }
    elements.push_back(std::move(*taken));
  }
  return elements;
}

}  // namespace

Result<std::vector<uint64_t>> HfConfig::Counts(std::string_view field) const {
  return Elements<uint64_t>(
      *this, field, node_->Find(field), "whole numbers",
      [](const Json& value) -> std::optional<uint64_t> {
        if (!value.is_number_unsigned() || value.get<uint64_t>() > kMaxHfCount) return {};
        return value.get<uint64_t>();
      });
}
Result<std::vector<double>> HfConfig::Numbers(std::string_view field) const {
  return Elements<double>(*this, field, node_->Find(field), "numbers",
                          [](const Json& value) -> std::optional<double> {
                            if (!value.is_number() || !std::isfinite(value.get<double>()))
                              return {};
                            return value.get<double>();
                          });
}
Result<std::vector<std::string>> HfConfig::Texts(std::string_view field) const {
  return Elements<std::string>(*this, field, node_->Find(field), "texts",
                               [](const Json& value) -> std::optional<std::string> {
                                 if (!value.is_string()) return {};
                                 return value.get<std::string>();
                               });
}

Result<std::optional<HfConfig>> HfConfig::Object(std::string_view field) const {
  const Json* const value = node_->Find(field);
  if (value == nullptr) return std::optional<HfConfig>();
  if (!value->is_object()) {
    return Malformed(field, fmt::format("is {}; it should be an object", Shown(*value)));
  }
  return std::optional<HfConfig>(
      HfConfig(std::make_shared<Node>(Node{node_->tree, value}), file_, Name(field) + "."));
}

Result<void> HfConfig::EachText(
    const std::function<Result<void>(std::string_view, std::string_view)>& visit) const {
  for (const auto& [name, value] : node_->value->items()) {
    if (!value.is_string()) {
      return Malformed(name, fmt::format("is {}; it should be a text", Shown(value)));
    }
    LEDGE_CHECK_OK(visit(name, value.get_ref<const std::string&>()));
  }
  return {};
}

}  // namespace ledge
