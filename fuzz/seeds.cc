// main() of a fuzz target without a fuzzer: one call for every file of the given folders.
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

int RunFolder(const std::filesystem::path& folder) {
  int seeds = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    if (!file.good() && !file.eof()) continue;
    // The last line before a crash names the seed.
    std::printf("%s\n", entry.path().filename().c_str());
    std::fflush(stdout);
    // Its own block of memory, so that sanitizers see a read behind the end.
    const std::vector<uint8_t> input(bytes.begin(), bytes.end());
    LLVMFuzzerTestOneInput(input.data(), input.size());
    ++seeds;
  }
  return seeds;
}

}  // namespace

int main(int argc, char** argv) {
  int seeds = 0;
  try {
    for (int i = 1; i < argc; ++i) seeds += RunFolder(argv[i]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "seeds: %s\n", error.what());
    return 1;
  }
  if (seeds == 0) std::fprintf(stderr, "seeds: no seeds; give the folders that hold them\n");
  return seeds > 0 ? 0 : 1;
}
