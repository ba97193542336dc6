// Interpreter: what `.name`, `[key]` and a for loop find in a value.
#include <charconv>

#include "engine/template/builtins.h"

namespace ledge::jinja {
namespace {

Error IsUndefined(const Value& value) {
  const std::string* name = value.As<Undefined>()->name;
  if (name) return MakeError(Code::kMalformed, "'{}' is undefined", *name);
  return MakeError(Code::kMalformed, "the value is undefined");
}

// A method by name, or undefined.
Result<Value> NamedMethod(Heap& heap, const Value& self, std::string_view name) {
  if (ChangesValue(self, name)) {
    return MakeError(Code::kMalformed, "the method '{}' would change a {}; templates may not", name,
                     TypeName(self));
  }
  const std::string_view* method = FindMethod(self, name);
  if (!method) return Value(Undefined{});
  return MakeMethod(heap, self, *method);
}

// Python's own attributes lead from any value to the interpreter's insides; ours lead nowhere.
Error Closed(std::string_view name) {
  return MakeError(Code::kMalformed, "the attribute '{}' is not open to templates", name);
}

Result<Value> IndexText(Heap& heap, const Text& text, int64_t index) {
  LEDGE_CHECK_OK(heap.StepBytes(text.size()));
  const auto size = static_cast<int64_t>(RuneCount(text));
  if (index < 0) index += size;
  if (index < 0 || index >= size) return Value(Undefined{});
  const size_t begin = RuneOffset(text, static_cast<size_t>(index));
  size_t end = begin + 1;
  while (end < text.size() && (static_cast<unsigned char>(text.bytes()[end]) & 0xC0) == 0x80) ++end;
  LEDGE_TRY(auto rune, Slice(heap, text, begin, end));
  return Value(std::move(rune));
}

}  // namespace

const Value* Namespace::Find(std::string_view name) const {
  for (const auto& [key, value] : attributes) {
    if (key == name) return &value;
  }
  return nullptr;
}

Result<Value> Interpreter::GetAttribute(const Value& base, std::string_view name) {
  if (base.undefined()) return IsUndefined(base);
  if (name.starts_with("__")) return Closed(name);
  if (base.Is<Namespace*>()) {
    const Namespace& ns = **base.As<Namespace*>();
    LEDGE_CHECK_OK(heap_.Step(ns.attributes.size() / 16));
    const Value* found = ns.Find(name);
    return found ? *found : Value(Undefined{});
  }
  if (base.Is<const LoopState*>()) return LoopAttribute(**base.As<const LoopState*>(), name);
  LEDGE_TRY(auto method, NamedMethod(heap_, base, name));
  if (!method.undefined() || !base.dict()) return method;
  const Value* found = base.dict()->Find(name);
  return found ? *found : Value(Undefined{});
}

Result<Value> Interpreter::GetItem(const Value& base, const Value& key) {
  if (base.undefined()) return IsUndefined(base);
  if (const Dict* dict = base.dict()) {
    LEDGE_TRY(const Value* found, Lookup(heap_, *dict, key));
    if (found) return *found;
  }
  if (key.integral()) {
    const int64_t index = key.AsInteger();
    if (const Text* text = base.text()) return IndexText(heap_, *text, index);
    if (const List* list = base.list()) {
      const auto size = static_cast<int64_t>(list->items.size());
      const int64_t at = index < 0 ? index + size : index;
      return at < 0 || at >= size ? Value(Undefined{}) : list->items[static_cast<size_t>(at)];
    }
  }
  const Text* name = key.text();
  if (!name) return Value(Undefined{});
  if (base.dict())
    return name->bytes().starts_with("__") ? Result<Value>(Closed(name->bytes()))
                                           : NamedMethod(heap_, base, name->bytes());
  return GetAttribute(base, name->bytes());
}

Result<Value> Interpreter::GetPath(const Value& base, const Value& path) {
  if (path.integral()) return GetItem(base, path);
  const Text* text = path.text();
  if (!text) return WrongType("the argument 'attribute'", path, "a name");
  Value value = base;
  std::string_view rest = text->bytes();
  while (true) {
    const size_t dot = rest.find('.');
    const std::string_view part = rest.substr(0, dot);
    int64_t index = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
    if (error == std::errc() && end == part.data() + part.size() && index >= 0) {
      LEDGE_TRY(value, GetItem(value, Value(index)));
    } else {
      LEDGE_TRY(const auto key, MakeText(heap_, part));
      LEDGE_TRY(value, GetItem(value, Value(key)));
    }
    if (dot == std::string_view::npos) return value;
    rest.remove_prefix(dot + 1);
  }
}

Result<std::shared_ptr<const List>> Interpreter::Sequence(const Value& value) {
  if (const auto* list = value.As<std::shared_ptr<const List>>()) return *list;
  std::vector<Value> items;
  if (const Dict* dict = value.dict()) {
    LEDGE_CHECK_OK(heap_.Step(dict->entries.size() / 16));
    for (const auto& [key, item] : dict->entries) items.push_back(key);
  } else if (const Text* text = value.text()) {
    const auto bytes = text->bytes();
    for (size_t begin = 0; begin < bytes.size();) {
      size_t end = begin + 1;
      while (end < bytes.size() && (static_cast<unsigned char>(bytes[end]) & 0xC0) == 0x80) ++end;
      LEDGE_TRY(auto rune, Slice(heap_, *text, begin, end));
      items.emplace_back(std::move(rune));
      begin = end;
    }
  } else if (!value.undefined() && !value.none()) {
    return MakeError(Code::kMalformed, "a {} has no items to go through", TypeName(value));
  }
  LEDGE_TRY(const auto list, MakeList(heap_, std::move(items)));
  return *list.As<std::shared_ptr<const List>>();
}

}  // namespace ledge::jinja
