#include "hf/folder_model.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/checked.h"
#include "base/units.h"
#include "hf/family.h"
#include "hf/folder_header.h"
#include "hf/shape_text.h"
#include "hf/type_choice.h"
#include "os/path.h"
#include "os/sha256.h"

namespace ledge {
namespace {

// Changes whenever the same folder would make other bytes.
constexpr uint64_t kConversionVersion = 2;
// What is made at once; at least a row. Of a transposed tensor more, since a piece of it takes a
// read for each value of a row.
constexpr uint64_t kPieceBytes = 1 * kMiB;
constexpr uint64_t kTransposedPieceBytes = 16 * kMiB;

// As many as there should be where there is none.
uint64_t RowsOfEmbedding(const std::vector<MadeTensor>& tensors, const HfConfig& config) {
  const auto found = std::ranges::find(tensors, "token_embd.weight", &MadeTensor::name);
  if (found == tensors.end()) return config.Count("vocab_size", 0).value_or(0);
  return found->dims.size() != 2 ? 0 : found->dims[1];
}

// What other programs quantised stands under names and in types of their own.
Result<void> CheckQuantisation(const HfConfig& config) {
  constexpr std::string_view kMethod = "quant_method";
  LEDGE_TRY(const auto quantisation, config.Object("quantization_config"));
  if (!quantisation) return {};
  LEDGE_TRY(const std::string method, quantisation->Text(kMethod, ""));
  if (method == "mxfp4") return {};
  return quantisation->Unsupported(
      kMethod, fmt::format("is \"{}\"; folders with weights in F32, F16 and BF16 can be read, and "
                           "gpt-oss' mxfp4 (--type quantises)",
                           PrintableLine(method, 40)));
}

// The configuration says how many tokens there are.
Result<void> CheckRows(const HfConfig& config, const HfCheckpoint& checkpoint,
                       const std::vector<MadeTensor>& tensors) {
  const auto made = std::ranges::find(tensors, "token_embd.weight", &MadeTensor::name);
  if (made == tensors.end() || made->dims.size() != 2) return {};
  LEDGE_TRY(const uint64_t rows, config.Count("vocab_size", made->dims[1]));
  if (rows == made->dims[1]) return {};
  const HfTensor& tensor = *checkpoint.Find(made->origin.tensor);
  return MakeError(Code::kMalformed,
                   "{}: tensor '{}' is {}; it should be [{}, {}], since vocab_size is {}",
                   checkpoint.FileOf(tensor), PrintableLine(tensor.name, 80),
                   HfShapeText(tensor.shape), rows, made->dims[0], rows);
}

// Those of the configuration, and the tokenizer's.
std::shared_ptr<const KeyOrigins> AllKeyOrigins(KeyOrigins origins, const std::string& folder) {
  constexpr std::array<std::array<std::string_view, 3>, 7> kTokenizer = {{
      {"tokens", "tokenizer.json", "model.vocab"},
      {"scores", "tokenizer.json", "model.vocab"},
      {"merges", "tokenizer.json", "model.merges"},
      {"bos_token_id", "tokenizer_config.json", "bos_token"},
      {"eos_token_id", "tokenizer_config.json", "eos_token"},
      {"unknown_token_id", "tokenizer.json", "model.unk_token"},
      {"padding_token_id", "tokenizer_config.json", "pad_token"},
  }};
  const std::string shown = PrintableLine(folder, 400);
  for (const auto& [key, file, field] : kTokenizer)
    origins[fmt::format("tokenizer.ggml.{}", key)] = fmt::format("{}/{}: {}", shown, file, field);
  return std::make_shared<const KeyOrigins>(std::move(origins));
}

}  // namespace

Result<bool> IsModelFolder(Os& os, const std::string& path) {
  LEDGE_TRY(const FileStatus status, os.Status(path));
  return status.kind == FileKind::kDirectory;
}

Result<FolderModel> FolderModel::Open(Os& os, const std::string& folder,
                                      const FolderOptions& options) {
  FolderModel model;
  LEDGE_TRY(const HfConfig config, ReadFolderConfig(os, folder));
  LEDGE_TRY(const HfFamily* const family, FindHfFamily(config));
  LEDGE_CHECK_OK(CheckQuantisation(config));
  LEDGE_TRY(HfCheckpoint checkpoint, HfCheckpoint::Open(os, folder));
  model.checkpoint_ = std::make_unique<HfCheckpoint>(std::move(checkpoint));
  GgufWriter writer([&model](std::span<const std::byte> bytes) -> Result<void> {
    model.lead_.insert(model.lead_.end(), bytes.begin(), bytes.end());
    return {};
  });
  PutGeneral(folder, family->architecture, writer);
  Conversion conversion(config, *model.checkpoint_, family->architecture, writer);
  LEDGE_CHECK_OK(family->convert(conversion));
  LEDGE_CHECK_OK(conversion.CheckAllTaken());
  model.tensors_ = conversion.TakeTensors();
  model.lacking_ = conversion.TakeLacking();
  model.key_origins_ = AllKeyOrigins(conversion.TakeKeyOrigins(), folder);
  LEDGE_CHECK_OK(CheckRows(config, *model.checkpoint_, model.tensors_));
  if (options.type) ChooseTypes(*options.type, model.tensors_);
  LEDGE_CHECK_OK(PutTokenizer(os, folder, config, RowsOfEmbedding(model.tensors_, config), writer));
  LEDGE_CHECK_OK(PutPooling(os, folder, family->architecture, writer));
  const std::string shown = PrintableLine(folder, 400);
  for (const MadeTensor& tensor : model.tensors_) {
    LEDGE_CHECK_OK(writer.AddTensor(tensor.name, tensor.type, tensor.dims).WithContext(shown));
  }
  LEDGE_CHECK_OK(writer.Begin().WithContext(shown));
  model.file_bytes_ = writer.file_bytes();
  return model;
}

// The next bytes of what follows the header.
Result<void> FolderModel::FillPiece() {
  piece_.clear();
  piece_used_ = 0;
  if (!lacking_.empty()) return checkpoint_->Missing(lacking_[0].origin.tensor);
  if (tensor_ == tensors_.size()) {
    return MakeError(Code::kMalformed, "{}: ends at byte {} as a GGUF file",
                     PrintableLine(checkpoint_->folder(), 400), position_);
  }
  const MadeTensor& tensor = tensors_[tensor_];
  const uint64_t row_bytes = *RowBytes(tensor.type, tensor.row_values);
  const uint64_t piece_bytes = tensor.transposed() ? kTransposedPieceBytes : kPieceBytes;
  const uint64_t rows =
      std::min(std::max<uint64_t>(1, piece_bytes / row_bytes), tensor.rows() - row_);
  LEDGE_CHECK_OK(MakeRows(*checkpoint_, tensor, row_, rows, piece_));
  row_ += rows;
  if (row_ < tensor.rows()) return {};
  const uint64_t bytes = row_bytes * tensor.rows();
  piece_.resize(piece_.size() + AlignUp(bytes, kGgufDefaultAlignment) - bytes);
  ++tensor_;
  row_ = 0;
  return {};
}

Result<void> FolderModel::Read(std::span<std::byte> out) {
  if (position_ < lead_.size()) {
    const uint64_t bytes = std::min<uint64_t>(out.size(), lead_.size() - position_);
    std::memcpy(out.data(), lead_.data() + position_, bytes);
    position_ += bytes;
    out = out.subspan(bytes);
  }
  while (!out.empty()) {
    if (piece_used_ == piece_.size()) LEDGE_CHECK_OK(FillPiece());
    const size_t bytes = std::min(out.size(), piece_.size() - piece_used_);
    std::memcpy(out.data(), piece_.data() + piece_used_, bytes);
    piece_used_ += bytes;
    position_ += bytes;
    out = out.subspan(bytes);
  }
  return {};
}

bool FolderModel::Lacks(std::string_view name) const {
  return std::ranges::find(lacking_, name, &MadeTensor::name) != lacking_.end();
}

std::optional<TensorOrigin> FolderModel::OriginOf(std::string_view name,
                                                  const TensorShape& shape) const {
  const auto lacking = std::ranges::find(lacking_, name, &MadeTensor::name);
  const bool lacks = lacking != lacking_.end();
  const auto made = lacks ? lacking : std::ranges::find(tensors_, name, &MadeTensor::name);
  if (!lacks && (made == tensors_.end() || made->origin.tensor.empty())) return std::nullopt;
  TensorOrigin origin{.file = PrintableLine(checkpoint_->folder(), 400),
                      .tensor = made->origin.tensor,
                      .wanted = made->origin.wanted(shape)};
  if (const HfTensor* const tensor = checkpoint_->Find(origin.tensor)) {
    origin.file = checkpoint_->FileOf(*tensor);
    origin.shape = HfShapeText(tensor->shape);
  }
  return origin;
}

std::optional<FileStamp> FolderStamp(Os& os, const std::string& folder,
                                     const FolderOptions& options) {
  if (!IsModelFolder(os, folder).value_or(false)) return std::nullopt;
  const auto names = os.List(folder);
  if (!names.ok()) return std::nullopt;
  FileStamp all;
  std::vector<uint64_t> parts = {kConversionVersion,
                                 options.type ? static_cast<uint64_t>(*options.type) + 1 : 0};
  const auto add = [&](const std::string& name) {
    const auto status = os.Status(JoinPath(folder, name));
    if (!status.ok() || status->kind != FileKind::kRegular) return;
    const FileStamp& stamp = status->stamp;
    const Digest named = Sha256Of(name);
    uint64_t name_part = 0;
    std::memcpy(&name_part, named.bytes.data(), sizeof(name_part));
    parts.insert(parts.end(), {name_part, stamp.device, stamp.inode, stamp.size,
                               static_cast<uint64_t>(stamp.modified_ns),
                               static_cast<uint64_t>(stamp.changed_ns)});
    all.device = stamp.device;
    all.size += stamp.size;
    all.modified_ns = std::max(all.modified_ns, stamp.modified_ns);
    all.changed_ns = std::max(all.changed_ns, stamp.changed_ns);
  };
  for (const std::string& name : *names) {
    const std::string_view view = name;
    if (view.ends_with(".json") || view.ends_with(".safetensors") || view.ends_with(".jinja")) {
      add(name);
    }
  }
  add("1_Pooling/config.json");
  // The digest of all of it stands where a file has its number.
  const Digest digest = Sha256Of(std::as_bytes(std::span(parts)));
  std::memcpy(&all.inode, digest.bytes.data(), sizeof(all.inode));
  return all;
}

}  // namespace ledge
