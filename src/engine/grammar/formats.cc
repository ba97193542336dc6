#include "engine/grammar/formats.h"

#include <array>

namespace ledge::grammar {
namespace {

constexpr std::array<std::string_view, 10> kNames = {
    "date", "time", "date-time", "duration", "uuid", "email", "ipv4", "hostname", "ipv6", "uri"};

// Days that every month has, and 29 February where a century or four divides the year.
std::string Date() {
  const std::string leap =
      "(?:(?:[0-9][0-9])(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
      "-02-29";
  const std::string year = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])";
  return "(?:" + year +
         "-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|"
         "02-(?:0[1-9]|1[0-9]|2[0-8]))|" +
         leap + ")";
}

std::string Time() {
  return "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?"
         "(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])";
}

std::string Duration() {
  const std::string days = "[0-9]{1,4}D";
  const std::string months = "[0-9]{1,4}M(?:" + days + ")?";
  const std::string date = "(?:[0-9]{1,4}Y(?:" + months + ")?|" + months + "|" + days + ")";
  const std::string seconds = "[0-9]{1,4}S";
  const std::string minutes = "[0-9]{1,4}M(?:" + seconds + ")?";
  const std::string time = "T(?:[0-9]{1,4}H(?:" + minutes + ")?|" + minutes + "|" + seconds + ")";
  return "P(?:" + date + "(?:" + time + ")?|" + time + "|[0-9]{1,4}W)";
}

constexpr std::string_view kLabel = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?";

std::string Hostname() {
  const std::string label(kLabel);
  return label + "(?:\\." + label + "){0,4}";
}

std::string Domain() {
  const std::string label(kLabel);
  return "(?:" + label + "\\.){1,4}[A-Za-z]{2,12}";
}

}  // namespace

std::optional<std::string> PatternOfFormat(std::string_view format) {
  const auto whole = [](const std::string& body) { return "^" + body + "$"; };
  const std::string octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  if (format == "date") return whole(Date());
  if (format == "time") return whole(Time());
  if (format == "date-time") return whole(Date() + "T" + Time());
  if (format == "duration") return whole(Duration());
  if (format == "uuid")
    return whole("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  if (format == "email")
    return whole("[A-Za-z0-9_+-]{1,32}(?:\\.[A-Za-z0-9_+-]{1,32}){0,3}@" + Domain());
  if (format == "ipv4") return whole("(?:" + octet + "\\.){3}" + octet);
  if (format == "ipv6") return whole("(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}");
  if (format == "hostname") return whole(Hostname());
  if (format == "uri")
    return whole("https?://" + Domain() + "(?::[1-9][0-9]{1,3})?(?:/[A-Za-z0-9._~-]{0,64}){0,8}" +
                 "(?:\\?[A-Za-z0-9._~=&-]{1,128})?(?:#[A-Za-z0-9._~-]{1,64})?");
  return std::nullopt;
}

std::string FormatNames() {
  std::string names;
  for (const std::string_view name : kNames)
    names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

}  // namespace ledge::grammar
