#include "hf/type_choice.h"

#include <algorithm>
#include <string>

#include "quant/quant.h"

namespace ledge {
namespace {

bool Fits(TensorType type, const MadeTensor& tensor) {
  return tensor.dims[0] % Info(type).block_values == 0;
}

// What a state space mixer has beside its two matrices.
bool IsOfMixer(std::string_view name) {
  return name.find(".ssm_") != std::string_view::npos && !name.ends_with(".ssm_in.weight") &&
         !name.ends_with(".ssm_out.weight");
}

bool IsSmallAndDelicate(const MadeTensor& tensor) {
  return tensor.dims.size() == 1 || tensor.name.ends_with(".bias") ||
         tensor.name.find("ffn_gate_inp") != std::string::npos || IsOfMixer(tensor.name) ||
         tensor.name == "position_embd.weight" || tensor.name == "token_types.weight";
}

double BitsAWeight(TensorType type) {
  return 8.0 * Info(type).block_bytes / Info(type).block_values;
}

// Quantising anew loses, so it should gain something: memory, or that all is floats.
bool StaysQuantised(const MadeTensor& tensor, TensorType wanted) {
  return Info(tensor.type).block_values > 1 && Info(wanted).block_values > 1 &&
         BitsAWeight(wanted) >= BitsAWeight(tensor.type);
}

}  // namespace

Result<TensorType> ParseImportType(std::string_view name) {
  const auto type = TypeByName(name);
  if (type && CanEncode(*type)) return *type;
  std::string known;
  for (const TypeInfo& info : AllTypes()) {
    if (!CanEncode(info.type)) continue;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", info.name);
  }
  return MakeError(Code::kUsage, "--type is '{}'; this build can write {}", PrintableLine(name, 40),
                   known);
}

void ChooseTypes(TensorType wanted, std::vector<MadeTensor>& tensors) {
  const bool tied = std::ranges::find(tensors, "output.weight", &MadeTensor::name) == tensors.end();
  for (MadeTensor& tensor : tensors) {
    if (IsSmallAndDelicate(tensor) && wanted != TensorType::kF32) continue;
    if (StaysQuantised(tensor, wanted)) continue;
    const bool output = tensor.name == (tied ? "token_embd.weight" : "output.weight");
    TensorType type = wanted;
    if (output && BitsAWeight(type) < BitsAWeight(TensorType::kQ6_K)) type = TensorType::kQ6_K;
    if (!Fits(type, tensor)) type = TensorType::kQ8_0;
    if (Fits(type, tensor)) tensor.type = type;
  }
}

}  // namespace ledge
