#include "node/rpc/party_book.h"

#include <utility>

namespace entente::rpc {

PartyBook::Slot::Slot(PartyBook& book, std::string party)
    : book_(book), party_(std::move(party)) {}

PartyBook::Slot::~Slot() {
  base::MutexLock lock(book_.mutex_);
  --book_.open_[party_];
}

std::shared_ptr<PartyBook::Slot> PartyBook::Open(const std::string& party) {
  {
    base::MutexLock lock(mutex_);
    std::size_t& open = open_[party];
    if (open >= calls_per_party_) return nullptr;
    ++open;
  }
  return std::make_shared<Slot>(*this, party);
}

void PartyBook::Crossed(const std::string& party, std::uint64_t in,
                        std::uint64_t out) {
  base::MutexLock lock(mutex_);
  Traffic& traffic = traffic_[party];
  ++traffic.calls;
  traffic.bytes_in += in;
  traffic.bytes_out += out;
}

std::map<std::string, Traffic> PartyBook::traffic() const {
  base::MutexLock lock(mutex_);
  return traffic_;
}

}  // namespace entente::rpc
