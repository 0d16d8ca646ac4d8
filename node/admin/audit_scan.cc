#include "node/admin/audit_scan.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "node/exchange/list_rows.h"
#include "node/store/record.h"

namespace entente::admin {
namespace {

std::string Upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

class Scan {
 public:
  Scan(exchange::Desk& desk, store::Reader& reader,
       const exchange::SubjectQuery& subject, const std::vector<Id16>& tags)
      : desk_(desk), reader_(reader), tags_(tags) {
    for (const std::string& word : {subject.number, subject.family_name}) {
      if (word.size() >= 3) words_.push_back(Upper(word));
    }
    for (const Id16& tag : tags) hex_.insert(ToHex(tag));
  }

  // How the entry was seen to be about the person; empty: it is not.
  absl::StatusOr<std::vector<std::string>> Seen(
      const ledger::Leaf& leaf, const std::vector<ledger::Slot>& slots) {
    std::set<std::string> out;
    for (const ledger::Slot& slot : slots) {
      if (slot.value.empty()) continue;
      if (slot.name == "tags" && HoldsTag(slot.value)) out.insert("tags");
      if (slot.name == "record") {
        TRY(const bool is, IsTraveller(slot.value));
        if (is) out.insert("record");
      }
      if (slot.name == "ref" && leaf.type->name == "list.entry") {
        TRY(const bool is, IsListed(leaf.Text("list"), slot.value));
        if (is) out.insert("record");
      }
      const std::string value = Upper(slot.value);
      for (const std::string& word : words_) {
        if (value.find(word) != std::string::npos) out.insert("text");
      }
    }
    return std::vector<std::string>(out.begin(), out.end());
  }

 private:
  bool HoldsTag(std::string_view text) const {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find(' ', at), text.size());
      if (hex_.contains(std::string(text.substr(at, end - at)))) return true;
      at = end + 1;
    }
    return false;
  }
  bool Meets(const std::vector<Id16>& others) const {
    return std::any_of(others.begin(), others.end(), [this](const Id16& tag) {
      return std::binary_search(tags_.begin(), tags_.end(), tag);
    });
  }
  absl::StatusOr<bool> IsTraveller(const std::string& hex) {
    const absl::StatusOr<Bytes> key = FromHex(hex);
    if (!key.ok() || key->empty()) return false;
    TRY(const auto person, store::GetRecord<model::Person>(
                               reader_, store::Table::kTraveller, *key));
    if (!person) return false;
    TRY(const std::vector<Id16> tags,
        exchange::SubjectTags(desk_.keys, *person));
    return Meets(tags);
  }
  absl::StatusOr<bool> IsListed(std::string_view list, const std::string& id) {
    TRY(const auto entry,
        exchange::FindEntry(reader_, exchange::ListEntryName(list, id)));
    if (!entry) return false;
    TRY(const std::vector<Id16> tags,
        exchange::SubjectTags(desk_.keys, *entry));
    return Meets(tags);
  }

  exchange::Desk& desk_;
  store::Reader& reader_;
  const std::vector<Id16>& tags_;  // sorted
  std::set<std::string> hex_;
  std::vector<std::string> words_;
};

absl::StatusOr<std::set<std::uint64_t>> Indexed(audit::AuditLog& log,
                                                const std::vector<Id16>& tags,
                                                std::uint64_t from) {
  std::set<std::uint64_t> out;
  for (const Id16& tag : tags) {
    TRY(const std::vector<std::uint64_t> found,
        log.Find(audit::AuditLog::Key::kSubject, ToHex(tag), from,
                 static_cast<std::size_t>(kMostScanned)));
    out.insert(found.begin(), found.end());
  }
  return out;
}

}  // namespace

absl::StatusOr<Reply> ScanBodies(exchange::Desk& desk,
                                 const exchange::SubjectQuery& subject,
                                 const std::vector<Id16>& tags,
                                 const ledger::IndexRange& range,
                                 const audit::Receipt& logged) {
  TRY(const std::set<std::uint64_t> indexed,
      Indexed(desk.log, tags, range.first));
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  Scan scan(desk, *reader, subject, tags);
  Reply reply;
  reply.json = {{"entries", Json::array()},
                {"index_lacks", Json::array()},
                {"opened", 0},
                {"closed", 0}};
  std::uint64_t opened = 0;
  std::uint64_t closed = 0;
  for (std::uint64_t index = range.first; index <= range.last; ++index) {
    TRY(const std::vector<audit::Entry> entries, desk.log.Read(index, 1));
    if (entries.empty()) return ProofFailed("an entry of the log is missing");
    if (entries.front().index != index) continue;  // pruned
    TRY(const ledger::Leaf leaf, ledger::ParseLeaf(entries.front().leaf));
    if (!leaf.commit) continue;
    const auto slots = desk.log.OpenBody(index, logged);
    // A body that does not match its leaf is no "closed" one.
    if (absl::IsDataLoss(slots.status())) return slots.status();
    if (!slots.ok()) {
      ++closed;
      continue;
    }
    ++opened;
    TRY(const std::vector<std::string> seen, scan.Seen(leaf, *slots));
    if (seen.empty()) continue;
    reply.json["entries"].push_back({{"index", index},
                                     {"type", std::string(leaf.type->name)},
                                     {"found_by", seen}});
    reply.text += std::to_string(index) + "  " + std::string(leaf.type->name);
    for (const std::string& how : seen) reply.text += "  " + how;
    const bool by_tag = seen != std::vector<std::string>{"text"};
    if (by_tag && !indexed.contains(index)) {
      reply.json["index_lacks"].push_back(index);
      reply.text += "  (the index does not lead to it)";
    }
    reply.text += "\n";
  }
  reply.json["opened"] = opened;
  reply.json["closed"] = closed;
  reply.text += std::to_string(opened) + " bodies opened, " +
                std::to_string(closed) + " stayed closed\n";
  return reply;
}

}  // namespace entente::admin
