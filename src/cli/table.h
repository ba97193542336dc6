// Columns for people, two spaces between them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ledge {

class Table {
 public:
  explicit Table(std::vector<std::string> head);
  // As many cells as the head has. Control characters are made visible.
  void Row(std::vector<std::string> cells);
  // With a newline behind every row.
  std::string Text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// "135 M", "7.2 B": counts of weights.
std::string FormatCount(uint64_t count);

}  // namespace ledge
