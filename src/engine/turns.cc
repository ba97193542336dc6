#include "engine/turns.h"

#include <algorithm>

namespace ledge {

double Turns::Place(std::string_view client) const {
  const auto found = places_.find(std::string(client));
  return found == places_.end() ? now_ : std::max(found->second, now_);
}

void Turns::Charge(std::string_view client, uint64_t tokens) {
  const double place = Place(client);
  now_ = place;
  if (places_.size() >= kMaxClients) {
    places_.clear();
  }
  places_[std::string(client)] = place + static_cast<double>(tokens);
}

}  // namespace ledge
