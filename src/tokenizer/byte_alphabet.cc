#include "tokenizer/byte_alphabet.h"

#include <array>

#include "base/utf8.h"

namespace ledge {
namespace {

constexpr char32_t kFirstMoved = 0x100;

constexpr bool StandsForItself(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) ||
         (byte >= 0xAE && byte <= 0xFF);
}

struct Alphabet {
  std::array<char32_t, 256> rune{};
  std::array<int16_t, 512> byte{};  // -1: not of the alphabet
};

constexpr Alphabet MakeAlphabet() {
  Alphabet alphabet;
  for (auto& byte : alphabet.byte) byte = -1;
  char32_t moved = kFirstMoved;
  for (int byte = 0; byte < 256; ++byte) {
    const char32_t rune = StandsForItself(byte) ? static_cast<char32_t>(byte) : moved++;
    alphabet.rune[static_cast<size_t>(byte)] = rune;
    alphabet.byte[rune] = static_cast<int16_t>(byte);
  }
  return alphabet;
}
constexpr Alphabet kAlphabet = MakeAlphabet();

}  // namespace

char32_t RuneOfByte(uint8_t byte) { return kAlphabet.rune[byte]; }

std::string DecodeByteText(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t rune = Utf8Next(text);
    if (rune < kAlphabet.byte.size() && kAlphabet.byte[rune] >= 0) {
      bytes.push_back(static_cast<char>(kAlphabet.byte[rune]));
    } else {
      bytes += before.substr(0, before.size() - text.size());
    }
  }
  return bytes;
}

void AppendByteText(std::string& out, std::string_view bytes) {
  for (const char c : bytes) Utf8Append(out, RuneOfByte(static_cast<uint8_t>(c)));
}

}  // namespace ledge
