#include "worker/model_session.h"

#include <algorithm>

#include "engine/template/builtin_templates.h"
#include "executor/native/native_executor.h"
#include "gguf/weight_summary.h"
#include "kernels/kernels.h"
#include "model/memory_needs.h"
#include "os/cpu_name.h"
#include "store/import.h"
#include "store/machine_width.h"
#include "store/model_reference.h"
#include "tokenizer/vocab_notes.h"

namespace ledge {
namespace {

bool NoProgress(uint64_t, uint64_t) { return true; }

KvType ParseKvType(const std::string& text) {
  return text == "f32" ? KvType::kF32 : text == "q8" ? KvType::kQ8 : KvType::kF16;
}

Result<std::shared_ptr<const PackedModel>> OpenNamed(Os& os, const Store& store,
                                                     const ModelName& name) {
  LEDGE_TRY(Manifest manifest, store.Find(name));
  if (manifest.layout_version < kPackLayoutVersion) {
    LEDGE_TRY(manifest, RepackStored(os, store, manifest, NoProgress, nullptr));
  }
  return OpenStored(os, store, manifest);
}

// A path is packed into the store once, as `ledge run` does.
Result<std::shared_ptr<const PackedModel>> OpenFile(Os& os, const Store& store,
                                                    const std::string& path) {
  if (const auto digest = KnownSource(os, store, path)) {
    LEDGE_TRY(const auto known, store.FindBySource(*digest));
    for (const Manifest& manifest : known) {
      if (manifest.layout_version != kPackLayoutVersion) continue;
      auto packed = OpenStored(os, store, manifest);
      if (packed.ok()) return packed;
    }
  }
  PutRequest request;
  request.name = SuggestModelName(path);
  request.name.org = "run";
  if (store.Find(request.name).ok()) request.name.tag = Sha256Of(path).ToHex().substr(0, 12);
  request.source_path = path;
  request.layout_version = kPackLayoutVersion;
  request.origin = Origin::kRun;
  LEDGE_TRY(const Manifest manifest, ImportModel(os, store, std::move(request), NoProgress));
  return OpenStored(os, store, manifest);
}

Result<std::shared_ptr<const PackedModel>> OpenPacked(Os& os, const Setup& setup) {
  LEDGE_TRY(const Store store, Store::Open(os, setup.home));
  LEDGE_TRY(const ModelReference reference, ResolveModel(os, store, setup.model, ""));
  if (reference.is_path) return OpenFile(os, store, reference.path);
  return OpenNamed(os, store, reference.name);
}

std::vector<std::string> GuessesOf(const ModelSession& session) {
  std::vector<std::string> guesses;
  if (auto guess = GuessOfPreTokenizer(session.packed->header()))
    guesses.push_back(*std::move(guess));
  if (session.chat_template->guessed && !session.model->spec().encoder)
    guesses.push_back(GuessOfTemplate(*session.chat_template) + " (--chat-template chooses)");
  return guesses;
}

}  // namespace

Result<ModelSession> OpenSessionFiles(Os& os, const Setup& setup) {
  ModelSession session;
  LEDGE_TRY(session.packed, OpenPacked(os, setup));
  LEDGE_TRY(session.model, Model::Load(session.packed));
  const auto tables = session.packed->tokenizer_tables();
  if (tables.empty()) return WhyNoTokenizer(session.packed->header());
  LEDGE_TRY(session.tokenizer, Tokenizer::Open(tables, TokenTextsOf(session.packed->header())));
  auto chosen = ChooseTemplate(session.packed->header(), *session.tokenizer,
                               {.builtin = setup.chat_template,
                                .source = setup.template_source,
                                .source_name = "--chat-template"});
  if (!chosen.ok()) return std::move(chosen).error();
  session.chat_template = *std::move(chosen);
  const WidthKey key{.cpu = CpuName(os),
                     .instructions = std::string(BestKernels().name),
                     .threads = setup.threads > 0 ? setup.threads : os.UsableCores(),
                     .type = SummariseWeights(session.packed->header()).quantisation};
  if (auto mapped = MappedBytes::Open(); mapped.ok()) session.mapped.emplace(*std::move(mapped));
  session.width = MachineWidths(os, setup.home).Find(key).value_or(kDefaultWidth);
  return session;
}

Result<void> StartSession(Os& os, const Setup& setup, ModelSession& session) {
  const ModelSpec& spec = session.model->spec();
  const GgufHeader& header = session.packed->header();
  const KvType type = ParseKvType(setup.kv_type);
  const uint32_t wanted = setup.context > 0 ? setup.context : kDefaultServedContext;
  const uint32_t context = std::min(wanted, spec.trained_context);
  session.budget = std::make_unique<MemoryBudget>();
  const int threads = setup.threads > 0 ? setup.threads : os.UsableCores();
  session.pool = std::make_unique<ThreadPool>(threads);
  LEDGE_TRY(session.executor,
            CreateNativeExecutor(
                os, session.model, *session.pool, *session.budget,
                {.kv_type = type, .max_columns = kServedStepColumns, .max_context = context}));
  const MemoryNeeds needs = MemoryNeedsOf(header, spec, type, context, 1);
  Described& d = session.description;
  d.weights_bytes = needs.weights;
  // What can't be counted can't be kept to.
  d.least_weights_bytes = session.mapped ? needs.weights - needs.idle_experts : needs.weights;
  d.kv_sequence_bytes = needs.kv;
  d.scratch_bytes = session.budget->used();
  d.context = context;
  d.trained_context = spec.trained_context;
  d.parameters = session.model->parameters();
  if (const auto text = header.String("general.architecture", ""); text.ok())
    d.architecture = *text;
  d.chat_template = session.chat_template->chat_template.name();
  d.guesses = GuessesOf(session);
  return {};
}

void KeepTo(const Grant& grant, ModelSession& session) {
  session.budget->SetTotal(session.description.scratch_bytes + grant.kv_bytes);
  if (grant.weights_bytes >= session.description.weights_bytes) return;
  session.expert_limit = std::make_unique<ExpertLimit>(
      *session.model, *std::exchange(session.mapped, std::nullopt), grant.weights_bytes);
}

}  // namespace ledge
