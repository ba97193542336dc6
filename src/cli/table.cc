#include "cli/table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace ledge {
namespace {

// Cells on the screen, near enough: code points.
size_t Width(const std::string& text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

Table::Table(std::vector<std::string> head) { rows_.push_back(std::move(head)); }

void Table::Row(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = PrintableLine(cell, 200);
  cells.resize(rows_[0].size());
  rows_.push_back(std::move(cells));
}

std::string Table::Text() const {
  std::vector<size_t> widths(rows_[0].size());
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += row[i] + std::string(widths[i] - Width(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string FormatCount(uint64_t count) {
  const double value = static_cast<double>(count);
  if (value >= 1e9) return fmt::format("{:.1f} B", value / 1e9);
  if (value >= 1e6) return fmt::format("{:.0f} M", value / 1e6);
  if (value >= 1e3) return fmt::format("{:.0f} K", value / 1e3);
  return fmt::format("{}", count);
}

}  // namespace ledge
