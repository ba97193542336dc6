// ledge inspect: what is in a model file, and how much memory it will need.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "api/json.h"
#include "base/units.h"
#include "cli/command.h"
#include "cli/model_argument.h"
#include "cli/run_options.h"
#include "cli/table.h"
#include "gguf/weight_summary.h"
#include "model/memory_needs.h"

namespace ledge {
namespace {

constexpr size_t kMaxShownText = 200;
constexpr uint64_t kMaxShownElements = 8;

template <typename T>
T Load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

Json ScalarJson(GgufType type, const std::byte* at) {
  switch (type) {
    case GgufType::kU8:
      return Load<uint8_t>(at);
    case GgufType::kI8:
      return Load<int8_t>(at);
    case GgufType::kU16:
      return Load<uint16_t>(at);
    case GgufType::kI16:
      return Load<int16_t>(at);
    case GgufType::kU32:
      return Load<uint32_t>(at);
    case GgufType::kI32:
      return Load<int32_t>(at);
    case GgufType::kF32:
      return Load<float>(at);
    case GgufType::kBool:
      return Load<uint8_t>(at) != 0;
    case GgufType::kU64:
      return Load<uint64_t>(at);
    case GgufType::kI64:
      return Load<int64_t>(at);
    case GgufType::kF64:
      return Load<double>(at);
    default:
      return nullptr;
  }
}

// Long arrays are cut: {"count": n, "first": [...]}.
Json ArrayJson(const GgufValue& value) {
  Json first = Json::array();
  const uint64_t shown = std::min(value.count, kMaxShownElements);
  if (value.element == GgufType::kString) {
    GgufStrings strings(value);
    for (uint64_t i = 0; i < shown; ++i)
      first.push_back(PrintableLine(strings.Next(), kMaxShownText));
  } else if (value.count > 0) {
    const uint64_t size = value.bytes.size() / value.count;
    for (uint64_t i = 0; i < shown; ++i)
      first.push_back(ScalarJson(value.element, value.bytes.data() + i * size));
  }
  if (shown == value.count) return first;
  return {{"count", value.count}, {"first", first}};
}

Json ValueJson(const GgufValue& value) {
  if (value.type == GgufType::kArray) return ArrayJson(value);
  if (value.type == GgufType::kString) {
    return PrintableLine(
        std::string_view(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()),
        kMaxShownText);
  }
  return ScalarJson(value.type, value.bytes.data());
}

struct TypeTotals {
  uint64_t tensors = 0;
  uint64_t values = 0;
  uint64_t bytes = 0;
};

std::map<std::string_view, TypeTotals> TotalsByType(const GgufHeader& header) {
  std::map<std::string_view, TypeTotals> totals;
  for (const GgufTensor& tensor : header.tensors()) {
    TypeTotals& total = totals[Info(tensor.type).name];
    total.tensors += 1;
    total.values += tensor.dims[0] * tensor.rows();
    total.bytes += tensor.bytes;
  }
  return totals;
}

class InspectCommand : public Command {
 public:
  void Declare(Options& options) override {
    argument_.DeclareModel(options);
    options.Whole("--ctx", context_, 0, kMaxContextOption,
                  "context to compute memory for; 0: the trained one");
    options.Whole("--parallel", sequences_, 1, 65536, "number of sequences to compute memory for");
    options.Choice("--kv-type", kv_type_, {"f32", "f16", "q8"}, "type of the KV cache");
    options.Flag("--tensors", tensors_, "list every tensor");
    options.Flag("--json", json_, "one JSON object with all of it");
    options.Examples(
        "  ledge inspect ./model.gguf\n"
        "  ledge inspect smollm2 --ctx 2048 --parallel 8   how much memory eight conversations "
        "need");
  }

  Result<void> Run(Program& program) override {
    program.json = json_;
    LEDGE_TRY(const OpenedHeader opened, OpenHeader(program, argument_));
    const GgufHeader& header = opened.header();
    const Result<ModelSpec> spec = Model::Describe(header, opened.origins());
    // A file that can't be run is still worth looking at; why it can't is part of the answer.
    const Json document = Describe(opened, spec);
    if (opened.mapping && opened.mapping->damaged()) {
      return MakeError(Code::kIo, "{}: changed while it was read; try again", argument_.model);
    }
    if (json_) {
      program.PrintJson(document);
    } else {
      PrintForPeople(program, document);
    }
    return {};
  }

 private:
  Json Describe(const OpenedHeader& opened, const Result<ModelSpec>& spec) const {
    const GgufHeader& header = opened.header();
    Json document = {{"file", opened.packed ? opened.packed->path() : header.file()},
                     {"format", fmt::format("GGUF v{}", header.version())},
                     {"file_bytes", opened.file_bytes},
                     {"runnable", spec.ok()}};
    if (!spec.ok()) document["problem"] = spec.error().message;
    document["parameters"] = SummariseWeights(header).parameters;
    if (spec.ok()) {
      document["model"] = ModelJson(*spec);
      document["memory"] = MemoryJson(header, *spec);
    }
    Json types = Json::object();
    for (const auto& [name, total] : TotalsByType(header)) {
      types[std::string(name)] = {
          {"tensors", total.tensors}, {"values", total.values}, {"bytes", total.bytes}};
    }
    document["types"] = types;
    Json metadata = Json::object();
    for (const auto& [key, value] : header.metadata())
      metadata[std::string(key)] = ValueJson(value);
    document["metadata"] = metadata;
    if (tensors_ || json_) document["tensors"] = TensorsJson(header);
    return document;
  }

  static Json TensorsJson(const GgufHeader& header) {
    Json rows = Json::array();
    for (const GgufTensor& tensor : header.tensors()) {
      Json dims = Json::array();
      for (uint32_t d = 0; d < tensor.n_dims; ++d) dims.push_back(tensor.dims[d]);
      rows.push_back({{"name", std::string(tensor.name)},
                      {"type", Info(tensor.type).name},
                      {"dims", dims},
                      {"offset", tensor.offset},
                      {"bytes", tensor.bytes}});
    }
    return rows;
  }

  static Json ModelJson(const ModelSpec& spec) {
    const LayerSpec& first = spec.layers[0];
    // Of a hybrid model the first layer that has any.
    const auto attends = std::ranges::find_if(
        spec.layers, [](const LayerSpec& layer) { return layer.attention.heads != 0; });
    const AttentionSpec attention =
        attends == spec.layers.end() ? AttentionSpec() : attends->attention;
    Json model = {
        {"architecture", spec.architecture},
        {"name", spec.name},
        {"vocabulary", spec.vocabulary},
        {"embedding_length", spec.width},
        {"layers", spec.layers.size()},
        {"heads", attention.heads},
        {"kv_heads", attention.kv_heads},
        {"head_dim", attention.key_dim},
        {"feed_forward_length", first.dense() ? first.feed_forward : first.experts.feed_forward},
        {"trained_context", spec.trained_context}};
    const auto recurrent = std::ranges::count_if(
        spec.layers, [](const LayerSpec& layer) { return static_cast<bool>(layer.ssm); });
    if (recurrent > 0) model["recurrent_layers"] = recurrent;
    const ExpertsSpec& experts = spec.layers.back().experts;
    if (experts) {
      model["experts"] = experts.count;
      model["experts_used"] = experts.used;
    }
    return model;
  }

  Json MemoryJson(const GgufHeader& header, const ModelSpec& spec) const {
    const auto context = static_cast<uint32_t>(context_ > 0 ? context_ : spec.trained_context);
    const KvType type = kv_type_ == "f32"  ? KvType::kF32
                        : kv_type_ == "q8" ? KvType::kQ8
                                           : KvType::kF16;
    const MemoryNeeds needs =
        MemoryNeedsOf(header, spec, type, context, static_cast<uint32_t>(sequences_));
    Json memory = {{"context", context},
                   {"sequences", sequences_},
                   {"kv_type", kv_type_},
                   {"weights_bytes", needs.weights},
                   {"kv_bytes", needs.kv},
                   {"kv_bytes_per_token", needs.kv_per_token},
                   {"total_bytes", needs.weights + needs.kv}};
    if (needs.recurrent > 0) memory["kv_recurrent_bytes"] = needs.recurrent;
    return memory;
  }

  void PrintForPeople(Program& program, const Json& d) const {
    Table head({"file", d["file"].get<std::string>()});
    head.Row({"format",
              d["format"].get<std::string>() + ", " + FormatSize(d["file_bytes"].get<uint64_t>())});
    head.Row({"weights", FormatCount(d["parameters"].get<uint64_t>())});
    if (d.contains("model")) {
      for (const auto& [key, value] : d["model"].items()) {
        head.Row({key, value.is_string() ? value.get<std::string>() : value.dump()});
      }
    } else {
      head.Row({"not runnable", d["problem"].get<std::string>()});
    }
    program.Print(head.Text() + "\n");
    Table types({"TYPE", "TENSORS", "VALUES", "BYTES"});
    for (const auto& [name, total] : d["types"].items()) {
      types.Row({name, total["tensors"].dump(), FormatCount(total["values"].get<uint64_t>()),
                 FormatSize(total["bytes"].get<uint64_t>())});
    }
    program.Print(types.Text() + "\n");
    if (d.contains("memory")) PrintMemory(program, d["memory"]);
    Table keys({"KEY", "VALUE"});
    for (const auto& [key, value] : d["metadata"].items()) {
      keys.Row({key, value.is_string() ? PrintableLine(value.get<std::string>(), 80)
                                       : PrintableLine(value.dump(), 80)});
    }
    program.Print(keys.Text());
    if (tensors_) PrintTensors(program, d["tensors"]);
  }

  static void PrintMemory(Program& program, const Json& memory) {
    Table table({"MEMORY", "BYTES",
                 fmt::format("for {} sequence(s) of {} tokens, KV {}", memory["sequences"].dump(),
                             memory["context"].dump(), memory["kv_type"].get<std::string>())});
    const auto size = [&](const char* key) { return FormatSize(memory[key].get<uint64_t>()); };
    table.Row({"weights", size("weights_bytes"), "one copy for all processes"});
    table.Row({"KV cache", size("kv_bytes"), size("kv_bytes_per_token") + " a token"});
    if (memory.contains("kv_recurrent_bytes"))
      table.Row({"of it", size("kv_recurrent_bytes"), "recurrent states, whatever the context"});
    table.Row({"together", size("total_bytes"), ""});
    program.Print(table.Text() + "\n");
  }

  static void PrintTensors(Program& program, const Json& tensors) {
    Table table({"TENSOR", "TYPE", "DIMS", "BYTES"});
    for (const auto& row : tensors) {
      table.Row({row["name"].get<std::string>(), row["type"].get<std::string>(), row["dims"].dump(),
                 FormatSize(row["bytes"].get<uint64_t>())});
    }
    program.Print("\n" + table.Text());
  }

  ModelArgument argument_;
  int64_t context_ = 0;
  int64_t sequences_ = 1;
  std::string kv_type_ = "f16";
  bool tensors_ = false;
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_inspect;
const CommandEntry kCommand_inspect = {
    "inspect", "what is in a model file, and the memory it needs", MakeCommand<InspectCommand>};

}  // namespace ledge
