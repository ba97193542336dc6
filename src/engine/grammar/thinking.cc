#include "engine/grammar/thinking.h"

#include <string>
#include <utility>

namespace ledge::grammar {
namespace {

// Models write two.
constexpr uint32_t kMaxLineEnds = 4;

CodePoints One(char c) {
  const auto point = static_cast<char32_t>(static_cast<unsigned char>(c));
  return CodePoints({{point, point}});
}

// Any text up to the first kThinkEnd, and that. What may come depends on how much of the mark has
// been written (Knuth, Morris and Pratt 1977); since no beginning of it but '<' can begin it anew,
// that is an expression. One rule, so that it becomes a handful of deterministic states.
NodeId UpToEnd(Syntax& syntax) {
  constexpr std::string_view kMark = kThinkEnd;
  const CodePoints open = One(kMark.front());
  // Behind a '<': so much of the mark, and then another '<', or what is neither it nor more of it.
  std::vector<NodeId> anew;
  std::vector<NodeId> away;
  for (size_t i = 1; i < kMark.size(); ++i) {
    const NodeId matched = syntax.Bytes(kMark.substr(1, i - 1));
    CodePoints either = One(kMark[i]);
    either.Add(open);
    anew.push_back(syntax.Sequence({matched, syntax.Set(open)}));
    away.push_back(syntax.Sequence({matched, syntax.Set(either.Complement())}));
  }
  const NodeId again = syntax.Repeat(syntax.Choice(std::move(anew)), 0, kUnbounded);
  const NodeId begun = syntax.Sequence({syntax.Set(open), again});
  const NodeId other = syntax.Set(open.Complement());
  const NodeId missed = syntax.Sequence({begun, syntax.Choice(std::move(away))});
  return syntax.Sequence({syntax.Repeat(syntax.Choice({other, missed}), 0, kUnbounded), begun,
                          syntax.Bytes(kMark.substr(1))});
}

}  // namespace

void AddThinking(Thinking thinking, Syntax& syntax) {
  if (thinking == Thinking::kNone) return;
  const NodeId answer = syntax.Call(syntax.root);
  CodePoints line_ends = One('\n');
  line_ends.Add(One('\r'));
  const auto lines = [&] { return syntax.Repeat(syntax.Set(line_ends), 0, kMaxLineEnds); };
  const RuleId thought = syntax.AddRule("what is thought", UpToEnd(syntax));
  const NodeId behind = syntax.Sequence({syntax.Call(thought), lines(), answer});
  if (thinking == Thinking::kBegun) {
    syntax.root = syntax.AddRule("thinking", behind);
    return;
  }
  const NodeId begun = syntax.Sequence({lines(), syntax.Bytes(kThinkBegin), behind});
  syntax.root = syntax.AddRule("thinking", syntax.Choice({begun, answer}));
}

}  // namespace ledge::grammar
