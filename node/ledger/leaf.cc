#include "node/ledger/leaf.h"

#include <algorithm>

#include "crypto/base/status.h"
#include "node/ledger/compiled.h"
#include "node/ledger/json.h"
#include "node/ledger/leaf_text.h"

namespace entente::ledger {
namespace {

absl::Status Malformed() { return Invalid("a leaf that is not canonical"); }

struct RawField {
  std::string_view key;
  std::string_view text;
  std::int64_t number = 0;
  bool is_number = false;
};

bool TakeData(JsonReader& in, std::vector<RawField>& out) {
  if (!in.Literal("{")) return false;
  if (in.Literal("}")) return true;
  while (true) {
    RawField field;
    if (!in.String(field.key) || !in.Literal(":")) return false;
    field.is_number = !in.Next('"');
    const bool read =
        field.is_number ? in.Integer(field.number) : in.String(field.text);
    if (!read) return false;
    out.push_back(field);
    if (in.Literal("}")) return true;
    if (!in.Literal(",")) return false;
  }
}

absl::StatusOr<Id16> ParseId(std::string_view hex) {
  TRY(const Bytes raw, FromHex(hex));
  return ToArray<16>(raw);
}

absl::Status TakeFields(const EventType& type, const std::vector<RawField>& raw,
                        std::vector<DataField>& out) {
  const auto& keys = CompiledOf(type).data;
  if (raw.size() != keys.size()) return Invalid("a leaf with other data keys");
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i].key != keys[i].name) {
      return Invalid("a leaf with other data keys");
    }
    const bool good = raw[i].is_number ? keys[i].kind == KeyKind::kInteger
                                       : IsValue(keys[i].kind, raw[i].text);
    if (!good) {
      return Invalid("a leaf with a bad value of `", keys[i].name, "`");
    }
    if (raw[i].is_number) {
      out.push_back({keys[i].name, raw[i].number});
    } else {
      out.push_back({keys[i].name, std::string(raw[i].text)});
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view Leaf::Text(std::string_view key) const {
  for (const DataField& field : data) {
    if (field.key != key) continue;
    const auto* text = std::get_if<std::string>(&field.value);
    return text == nullptr ? std::string_view() : *text;
  }
  return {};
}

std::int64_t Leaf::Number(std::string_view key) const {
  for (const DataField& field : data) {
    if (field.key != key) continue;
    const auto* number = std::get_if<std::int64_t>(&field.value);
    return number == nullptr ? 0 : *number;
  }
  return 0;
}

absl::StatusOr<Leaf> ParseLeaf(ByteView bytes) {
  if (bytes.size() > kMaxLeafSize) return Invalid("a leaf that is too long");
  JsonReader in(AsText(bytes));
  std::string_view actor, commit, id, keep, type;
  std::vector<RawField> data;
  Leaf out;
  const bool read = in.Literal("{\"actor\":") && in.String(actor) &&
                    in.Literal(",\"commit\":") && in.String(commit) &&
                    in.Literal(",\"data\":") && TakeData(in, data) &&
                    in.Literal(",\"id\":") && in.String(id) &&
                    in.Literal(",\"keep\":") && in.String(keep) &&
                    in.Literal(",\"time\":") && in.Integer(out.time) &&
                    in.Literal(",\"type\":") && in.String(type) &&
                    in.Literal(",\"v\":1}") && in.AtEnd();
  if (!read) return Malformed();
  out.type = FindEventType(type);
  if (out.type == nullptr) return Invalid("a leaf of an unknown type");
  if (keep != KeepName(out.type->keep)) {
    return Invalid("a leaf with another retention class than its type's");
  }
  if (actor != "-") {
    TRY(out.actor, ParseId(actor));
  }
  if (commit.empty() != out.type->sealed.empty()) {
    return Invalid("a commitment that is missing or should not be there");
  }
  if (!commit.empty()) {
    TRY(const Bytes raw, FromBase64(commit));
    TRY(out.commit, ToArray<32>(raw));
  }
  TRY(out.id, ParseId(id));
  TRY_OK(TakeFields(*out.type, data, out.data));
  return out;
}

LeafText MakeLeafText(const EventType& type, const std::optional<Id16>& actor,
                      const std::optional<Hash>& commit,
                      const std::vector<DataField>& data, const Id16& id) {
  LeafText out;
  out.before_time =
      Join({"{\"actor\":\"", actor ? ToHex(*actor) : "-", "\",\"commit\":\"",
            commit ? ToBase64(*commit) : "", "\",\"data\":{"});
  for (const DataField& field : data) {
    if (out.before_time.back() != '{') out.before_time += ',';
    out.before_time += Join({"\"", field.key, "\":"});
    if (const auto* n = std::get_if<std::int64_t>(&field.value)) {
      out.before_time += std::to_string(*n);
    } else {
      out.before_time += Join({"\"", std::get<std::string>(field.value), "\""});
    }
  }
  out.before_time += Join({"},\"id\":\"", ToHex(id), "\",\"keep\":\"",
                           KeepName(type.keep), "\",\"time\":"});
  out.after_time = Join({",\"type\":\"", type.name, "\",\"v\":1}"});
  return out;
}

absl::StatusOr<Bytes> EmitLeaf(const Leaf& leaf) {
  if (leaf.type == nullptr) return Invalid("a leaf without a type");
  const LeafText text =
      MakeLeafText(*leaf.type, leaf.actor, leaf.commit, leaf.data, leaf.id);
  Bytes out = ToBytes(
      Join({text.before_time, std::to_string(leaf.time), text.after_time}));
  TRY_OK(ParseLeaf(out).status());
  return out;
}

}  // namespace entente::ledger
