#include "pack/packed_model.h"

#include <algorithm>
#include <cstring>

#include "base/byte_reader.h"
#include "base/checked.h"
#include "pack/format.h"
#include "pack/plan.h"

namespace ledge {

// Fills one PackedModel from a mapping nobody vouches for.
class PackedModelOpener {
 public:
  PackedModelOpener(std::unique_ptr<Mapping> mapping, std::string name, PackLayouts layouts,
                    std::string_view called)
      : model_(new PackedModel()),
        called_(called.empty() ? name : called),
        oldest_(layouts == PackLayouts::kCurrent ? kPackLayoutVersion : kOldestPackLayoutVersion) {
    model_->path_ = std::move(name);
    model_->mapping_ = std::move(mapping);
    bytes_ = model_->mapping_->bytes();
  }

  Result<std::shared_ptr<const PackedModel>> Run() {
    auto opened = Open();
    if (model_->damaged()) {
      return MakeError(Code::kIo, "{} could not be read: its disk failed or it was cut just now",
                       Shown());
    }
    if (!opened.ok()) return std::move(opened).error();
    return std::shared_ptr<const PackedModel>(std::move(model_));
  }

 private:
  // The parser of the source's header names the file itself.
  Result<void> Open() {
    LEDGE_CHECK_OK(ReadFrame().WithContext(Shown()));
    LEDGE_TRY(model_->header_,
              GgufHeader::Parse(Bytes(header_.source), header_.source_bytes, called_));
    return ReadTensors().WithContext(Shown());
  }

  std::string Shown() const { return PrintableLine(model_->path_, 200); }

  Result<void> ReadFrame() {
    LEDGE_CHECK_OK(ReadFixedHeader());
    LEDGE_CHECK_OK(CheckSections());
    if (PackDigest(header_, Bytes(header_.directory)) != header_.digest)
      return BadFrame("digest differs");
    model_->source_digest_ = header_.source_digest;
    model_->source_bytes_ = header_.source_bytes;
    model_->packed_bytes_ = header_.file_bytes;
    model_->layout_version_ = header_.layout_version;
    if (header_.layout_version == kPackLayoutVersion) model_->tables_ = Bytes(header_.tables);
    return {};
  }

  Result<void> ReadFixedHeader() {
    ByteReader reader(bytes_);
    LEDGE_TRY(const auto fixed, reader.ReadBytes(sizeof(header_), "header of the packed file"));
    std::memcpy(&header_, fixed.data(), sizeof(header_));
    if (std::memcmp(header_.magic, kPackMagic, sizeof(kPackMagic)) != 0) {
      return MakeError(Code::kMalformed,
                       "is no packed model; such a file begins with \"LEDGEPAK\"");
    }
    if (header_.layout_version < oldest_ || header_.layout_version > kPackLayoutVersion) {
      return MakeError(Code::kUnsupported,
                       "has layout version {}; this build reads {}, so pack its source again",
                       header_.layout_version, kPackLayoutVersion);
    }
    if (header_.file_bytes > bytes_.size()) {
      return MakeError(Code::kMalformed, "is {} bytes long; its header says {}, so it was cut",
                       bytes_.size(), header_.file_bytes);
    }
    return {};
  }

  // Sections in order, side by side, the last one ending with the file.
  Result<void> CheckSections() const {
    uint64_t end = sizeof(header_);
    for (const PackSection& section : {header_.source, header_.tables, header_.directory,
                                       header_.weights, header_.gap_bytes, header_.gap_list}) {
      const auto behind = CheckedAdd(section.offset, section.bytes);
      if (section.offset < end || !behind || *behind > header_.file_bytes)
        return BadFrame("sections overlap");
      end = *behind;
    }
    if (end != header_.file_bytes) return BadFrame("sections do not fill the file");
    if (std::ranges::any_of(header_.unused, [](uint64_t field) { return field != 0; })) {
      return BadFrame("fields that should be 0 are not");
    }
    if (header_.weights.offset % kPackSectionAlignment != 0)
      return BadFrame("weights are not aligned");
    if (header_.directory.bytes != uint64_t{header_.tensor_count} * sizeof(PackTensorEntry)) {
      return BadFrame("directory has another length");
    }
    // Only short gaps can be missing, so this bounds what Export may write and Verify may hash.
    const uint64_t dropped = (uint64_t{header_.tensor_count} + 1) * kMaxDroppedGapBytes;
    if (header_.source_bytes > header_.file_bytes + dropped)
      return BadFrame("source cannot be that long");
    return {};
  }

  Result<void> ReadTensors() {
    if (model_->header_.tensors().size() != header_.tensor_count)
      return BadFrame("tensors differ in number");
    if (LeadBytes(model_->header_, header_.source_bytes) != header_.source.bytes) {
      return BadFrame("source header has another length");
    }
    const auto directory = Bytes(header_.directory);
    model_->tensors_.reserve(header_.tensor_count);
    for (const GgufTensor& source : model_->header_.tensors()) {
      PackTensorEntry entry;
      std::memcpy(&entry, directory.data() + model_->tensors_.size() * sizeof(entry),
                  sizeof(entry));
      if (auto added = AddTensor(source, entry); !added.ok()) {
        return std::move(added).WithContext(
            fmt::format("tensor '{}'", PrintableLine(source.name, 80)));
      }
    }
    return {};
  }

  Result<void> AddTensor(const GgufTensor& source, const PackTensorEntry& entry) {
    const auto form = static_cast<TensorForm>(entry.form);
    if (entry.unused != 0) return BadFrame("fields that should be 0 are not");
    if (form != TensorForm::kRaw && (form != TensorForm::kPanels || FormOf(source) != form)) {
      return MakeError(Code::kMalformed,
                       "form is {}, which its type and shape do not allow; pack the source again",
                       entry.form);
    }
    const auto end = CheckedAdd(entry.offset, entry.bytes);
    if (entry.bytes != PackedBytes(source, form) || entry.offset % kPackSectionAlignment != 0 ||
        !end || *end > header_.weights.bytes) {
      return MakeError(Code::kMalformed,
                       "{} bytes at {} of the weights do not fit; pack the source again",
                       entry.bytes, entry.offset);
    }
    model_->tensors_.push_back(
        {&source, form, Bytes(header_.weights).subspan(entry.offset, entry.bytes)});
    return {};
  }

  static Error BadFrame(std::string_view problem) {
    return MakeError(Code::kMalformed,
                     "header of the packed file is damaged ({}); pack the source again", problem);
  }

  std::span<const std::byte> Bytes(const PackSection& section) const {
    return bytes_.subspan(section.offset, section.bytes);
  }

  std::unique_ptr<PackedModel> model_;
  const std::string called_;
  const uint32_t oldest_;  // layout version that is taken
  std::span<const std::byte> bytes_;
  PackFileHeader header_;
};

Result<std::shared_ptr<const PackedModel>> PackedModel::Open(Os& os, const std::string& path,
                                                             PackLayouts layouts,
                                                             std::string_view called) {
  LEDGE_TRY(auto mapping, os.Map(path));
  const uint64_t bytes = mapping->bytes().size();
  LEDGE_TRY(auto model, FromMapping(std::move(mapping), path, layouts, called));
  if (model->packed_bytes() != bytes) {
    return MakeError(Code::kMalformed,
                     "{}: is {} bytes long; its header says {}, so pack its source again",
                     PrintableLine(path, 200), bytes, model->packed_bytes());
  }
  return model;
}

Result<std::shared_ptr<const PackedModel>> PackedModel::FromMapping(
    std::unique_ptr<Mapping> mapping, std::string name, PackLayouts layouts,
    std::string_view called) {
  return PackedModelOpener(std::move(mapping), std::move(name), layouts, called).Run();
}

uint64_t PackedModel::weight_bytes() const {
  uint64_t bytes = 0;
  for (const PackedTensor& tensor : tensors_) bytes += tensor.data.size();
  return bytes;
}

const PackedTensor* PackedModel::Find(std::string_view name) const {
  const GgufTensor* source = header_.FindTensor(name);
  return source == nullptr ? nullptr
                           : &tensors_[static_cast<size_t>(source - header_.tensors().data())];
}

PanelMatrix PackedTensor::matrix() const {
  return {source->type, static_cast<uint32_t>(source->rows()),
          static_cast<uint32_t>(source->dims[0]), data.data()};
}

}  // namespace ledge
