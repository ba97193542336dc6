#include "store/model_reference.h"

#include <gtest/gtest.h>

#include "os/fault/fault_os.h"
#include "testing/fake_pack.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

class ModelReferenceTest : public ::testing::Test {
 protected:
  ModelReferenceTest() {
    // The twin has no working folder: what is relative lies below its root.
    os_.Put("/here", "a file");
    os_.Put("/folder/model.safetensors", "x");
    PutRequest request;
    request.name = ParseModelName("stored").value();
    EXPECT_OK(store_.Put(request, testing::FakePack("x")));
  }
  Result<ModelReference> Resolve(std::string_view text) {
    return ResolveModel(os_, store_, text, "/home/me");
  }
  std::string PathOf(std::string_view text) {
    const auto reference = Resolve(text);
    return reference.ok() && reference->is_path ? reference->path : "(not a path)";
  }
  std::string NameOf(std::string_view text) {
    const auto reference = Resolve(text);
    return reference.ok() && !reference->is_path ? reference->name.ToString() : "(not a name)";
  }

  fault::FaultOs os_;
  Store store_ = Store::Open(os_, "/store").value();
};

TEST_F(ModelReferenceTest, ShapeOfAPathIsAPathWhetherItExistsOrNot) {
  for (const char* text : {"/x/y", "./x", "../x", "model.gguf", "org/model.gguf", "~other/x"}) {
    EXPECT_EQ(PathOf(text), text);
  }
}

TEST_F(ModelReferenceTest, TildeIsTheUsersHome) {
  EXPECT_EQ(PathOf("~/m"), "/home/me/m");
  EXPECT_EQ(PathOf("~"), "/home/me");
  EXPECT_EQ(ResolveModel(os_, store_, "~/m", "")->path, "~/m");
}

TEST_F(ModelReferenceTest, ExistingFileOrFolderIsAPathUnlessTheNameIsStored) {
  EXPECT_EQ(PathOf("here"), "here");
  EXPECT_EQ(PathOf("folder"), "folder");
  EXPECT_EQ(PathOf("folder/model.safetensors"), "folder/model.safetensors");
  os_.Put("/stored", "a file of the same name");
  EXPECT_EQ(NameOf("stored"), "stored");
  EXPECT_EQ(PathOf("./stored"), "./stored");
}

TEST_F(ModelReferenceTest, DamagedManifestStillIsAStoredName) {
  os_.Put("/store/names/here@latest.json", "{");
  EXPECT_EQ(NameOf("here"), "here");
}

TEST_F(ModelReferenceTest, RestIsANameOrUsage) {
  EXPECT_EQ(NameOf("unknown:q4"), "unknown:q4");
  EXPECT_EQ(NameOf("STORED"), "stored");
  EXPECT_ERROR(Resolve("no such thing"), Code::kUsage, "is not a model's name");
  EXPECT_ERROR(Resolve(""), Code::kUsage, "is not a model's name");
}

}  // namespace
}  // namespace ledge
