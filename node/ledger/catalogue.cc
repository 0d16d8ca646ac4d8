#include "node/ledger/catalogue.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/ledger/compiled.h"

namespace entente::ledger {
namespace {

constexpr std::pair<KeyKind, std::string_view> kKinds[] = {
    {KeyKind::kHash,
     "agr answers build card catalogue cert file kept_root message mine new "
     "old "
     "peer_leaf pk policy prev prev_root request root sha256 spki their_root "
     "theirs xkey"},
    {KeyKind::kId, "batch case hit kid kid_new kid_old ref user"},
    {KeyKind::kText,
     "add drop fields next_origin origin prev_origin ranges recipients sig "
     "witness"},
    {KeyKind::kInteger,
     "added age before bytes cells changed chunk chunks clean count denied due "
     "elements epoch epsilon_milli erasure extra first from have hits hold "
     "last "
     "limit n need now oldest permitted persons prev_size removed rule schema "
     "schema_from schema_to segment sensitive seq sev shares since size "
     "skipped "
     "status step their_size threshold tier until used ver was wider"},
    {KeyKind::kCode,
     "about act alg basis by change clause code dataset day dimension dir "
     "filter format grade ground handling id keep kind list method metric "
     "mode name opinion outcome part party peer period place purpose reason "
     "recipe result role source stage third to verdict version version_from "
     "version_to volume why"}};

std::unordered_map<std::string_view, KeyKind> MakeKinds() {
  std::unordered_map<std::string_view, KeyKind> out;
  for (const auto& [kind, keys] : kKinds) {
    for (std::string_view key : Words(keys)) out.emplace(key, kind);
  }
  return out;
}

std::vector<CompiledType> MakeCompiled() {
  std::vector<CompiledType> out;
  for (const EventType& type : Catalogue()) {
    CompiledType& compiled = out.emplace_back();
    for (std::string_view key : Words(type.data)) {
      const auto kind = KindOf(key);
      CHECK(kind.has_value());
      compiled.data.push_back({key, *kind});
    }
    compiled.sealed = Words(type.sealed);
  }
  return out;
}

std::unordered_map<std::string_view, const EventType*> MakeNames() {
  std::unordered_map<std::string_view, const EventType*> out;
  for (const EventType& type : Catalogue()) out.emplace(type.name, &type);
  return out;
}

bool IsHexDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}
bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}
bool IsCodeByte(char c) {
  return IsAlphanumeric(c) ||
         std::string_view("._:+-").find(c) != std::string_view::npos;
}
bool IsTextByte(char c) {
  return c >= 0x20 && c <= 0x7e && c != '"' && c != '\\';
}

std::string Quoted(std::string_view text) { return Join({"\"", text, "\""}); }

std::string TypeJson(const EventType& type) {
  const CompiledType& compiled = CompiledOf(type);
  std::string out = "{\"data\":{";
  for (const CompiledKey& key : compiled.data) {
    if (&key != &compiled.data.front()) out += ',';
    const char kind = static_cast<char>(key.kind);
    out += Quoted(key.name) + ":" + Quoted({&kind, 1});
  }
  const char rule = static_cast<char>(type.rule);
  out += "},\"keep\":" + Quoted(KeepName(type.keep)) +
         ",\"rule\":" + Quoted({&rule, 1}) + ",\"sealed\":[";
  for (std::string_view field : compiled.sealed) {
    if (out.back() != '[') out += ',';
    out += Quoted(field);
  }
  return out + "]}";
}

}  // namespace

std::string_view KeepName(Keep keep) {
  static constexpr std::string_view kNames[] = {"pad", "ops", "access", "exch",
                                                "law"};
  return kNames[static_cast<std::size_t>(keep)];
}

const EventType* FindEventType(std::string_view name) {
  static const auto names = MakeNames();
  const auto found = names.find(name);
  return found == names.end() ? nullptr : found->second;
}

std::vector<std::string_view> Words(std::string_view list) {
  std::vector<std::string_view> out;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    out.push_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return out;
}

std::optional<KeyKind> KindOf(std::string_view key) {
  static const auto kinds = MakeKinds();
  const auto found = kinds.find(key);
  if (found == kinds.end()) return std::nullopt;
  return found->second;
}

bool IsValue(KeyKind kind, std::string_view value) {
  if (kind != KeyKind::kInteger && value == "-") return true;
  const auto all = [&](bool (*is)(char)) {
    return std::all_of(value.begin(), value.end(), is);
  };
  switch (kind) {
    case KeyKind::kHash:
      return value.size() == 64 && all(IsHexDigit);
    case KeyKind::kId:
      return value.size() == 32 && all(IsHexDigit);
    case KeyKind::kCode:
      return !value.empty() && value.size() <= 64 && IsAlphanumeric(value[0]) &&
             all(IsCodeByte);
    case KeyKind::kText:
      return value.size() <= 512 && all(IsTextByte);
    case KeyKind::kInteger:
      return false;
  }
  return false;
}

const CompiledType& CompiledOf(const EventType& type) {
  static const std::vector<CompiledType> compiled = MakeCompiled();
  const auto index = &type - Catalogue().data();
  CHECK(index >= 0 && static_cast<std::size_t>(index) < compiled.size());
  return compiled[static_cast<std::size_t>(index)];
}

std::string CatalogueJson() {
  std::map<std::string_view, const EventType*> sorted;
  for (const EventType& type : Catalogue()) sorted.emplace(type.name, &type);
  std::string out = "{\"events\":{";
  for (const auto& [name, type] : sorted) {
    if (out.back() != '{') out += ',';
    out += Quoted(name) + ":" + TypeJson(*type);
  }
  return out + "},\"format\":\"entente/audit-catalogue/1\"}";
}

const Hash& CatalogueHash() {
  static const Hash hash = primitive::Sha256(AsBytes(CatalogueJson()));
  return hash;
}

}  // namespace entente::ledger
