#include "engine/template/strftime.h"

#include <time.h>

#include <fmt/format.h>

namespace ledge::jinja {
namespace {

constexpr std::string_view kDays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                      "Thursday", "Friday", "Saturday"};
constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};

// One letter behind '%'. Not strftime(3) itself: that follows the process's locale.
std::string Field(char letter, const tm& t) {
  const int hour12 = t.tm_hour % 12 == 0 ? 12 : t.tm_hour % 12;
  const auto day = kDays[static_cast<size_t>(t.tm_wday)];
  const auto month = kMonths[static_cast<size_t>(t.tm_mon)];
  switch (letter) {
    case 'a':
      return std::string(day.substr(0, 3));
    case 'A':
      return std::string(day);
    case 'b':
    case 'h':
      return std::string(month.substr(0, 3));
    case 'B':
      return std::string(month);
    case 'd':
      return fmt::format("{:02}", t.tm_mday);
    case 'e':
      return fmt::format("{:2}", t.tm_mday);
    case 'D':
      return Field('m', t) + "/" + Field('d', t) + "/" + Field('y', t);
    case 'F':
      return Field('Y', t) + "-" + Field('m', t) + "-" + Field('d', t);
    case 'H':
      return fmt::format("{:02}", t.tm_hour);
    case 'I':
      return fmt::format("{:02}", hour12);
    case 'j':
      return fmt::format("{:03}", t.tm_yday + 1);
    case 'm':
      return fmt::format("{:02}", t.tm_mon + 1);
    case 'M':
      return fmt::format("{:02}", t.tm_min);
    case 'p':
      return t.tm_hour < 12 ? "AM" : "PM";
    case 'R':
      return Field('H', t) + ":" + Field('M', t);
    case 'S':
      return fmt::format("{:02}", t.tm_sec);
    case 'T':
      return Field('R', t) + ":" + Field('S', t);
    case 'u':
      return fmt::format("{}", t.tm_wday == 0 ? 7 : t.tm_wday);
    case 'w':
      return fmt::format("{}", t.tm_wday);
    case 'y':
      return fmt::format("{:02}", (t.tm_year + 1900) % 100);
    case 'Y':
      return fmt::format("{}", t.tm_year + 1900);
    case '%':
      return "%";
    default:
      return std::string("%") + letter;
  }
}

}  // namespace

std::string FormatTime(std::string_view format, std::chrono::system_clock::time_point moment) {
  const time_t seconds = std::chrono::system_clock::to_time_t(moment);
  tm local = {};
  localtime_r(&seconds, &local);
  std::string out;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out.push_back(format[i]);
      continue;
    }
    ++i;
    // %-d: without the leading zero, as glibc has it.
    const bool bare = format[i] == '-' && i + 1 < format.size();
    if (bare) ++i;
    std::string field = Field(format[i], local);
    if (bare) {
      while (field.size() > 1 && (field[0] == '0' || field[0] == ' ')) field.erase(0, 1);
    }
    out += field;
  }
  return out;
}

}  // namespace ledge::jinja
