// What a grammar may cost: a client's text can't make it hang or grow without bound.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ledge::grammar {

// Of the text, be it GBNF or a JSON Schema.
inline constexpr size_t kMaxGrammarBytes = 256 << 10;
// How deep groups of a grammar or subschemas of a schema nest.
inline constexpr int kMaxNesting = 64;
inline constexpr size_t kMaxNodes = 200'000;
inline constexpr size_t kMaxRules = 20'000;
inline constexpr size_t kMaxPatternBytes = 4096;
// Of a repetition, and of minLength, maxItems and the like.
inline constexpr uint32_t kMaxRepeat = 16'384;
// Of the automaton, before it is made deterministic; and the work of that.
inline constexpr size_t kMaxStates = 60'000;
inline constexpr size_t kMaxCompileSteps = 3'000'000;
// Rules within rules while a text is matched: what would go deeper is not allowed to begin.
inline constexpr uint32_t kMaxStackDepth = 200;
// Ways at once in which the text so far can be read, and the work of one byte of text.
inline constexpr size_t kMaxPlaces = 2'000;
inline constexpr size_t kMaxByteSteps = 20'000;
// The work of finding all tokens that may come next.
inline constexpr size_t kMaxMaskSteps = 500'000;
// What is remembered of a grammar while texts are matched; beyond, it is begun anew.
inline constexpr size_t kMaxConfigs = 4'096;
// What one of them takes, about, and one set of stacks.
inline constexpr size_t kConfigBytes = 1'200;
inline constexpr size_t kStackBytes = 64;
inline constexpr size_t kMaxMaskBytes = 8 << 20;
// Configurations that a single token may bring about.
inline constexpr size_t kMaxNewConfigs = 16'384;
// Grammars that are kept compiled for requests to come.
inline constexpr size_t kMaxKeptGrammars = 8;

}  // namespace ledge::grammar
