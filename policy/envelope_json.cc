#include "policy/envelope_json.h"

#include <string>
#include <string_view>
#include <utility>

#include "crypto/base/status.h"

namespace entente::policy {
namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool Eat(char c) {
    SkipSpace();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool AtEnd() {
    SkipSpace();
    return at_ == text_.size();
  }
  // Printable ASCII without quotation mark and backslash. False: not one.
  bool Text(std::string& out) {
    if (!Eat('"')) return false;
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] >= ' ' && text_[at_] <= '~' &&
           text_[at_] != '"' && text_[at_] != '\\') {
      ++at_;
    }
    out = text_.substr(start, at_ - start);
    return at_ < text_.size() && text_[at_++] == '"';
  }

 private:
  void SkipSpace() {
    constexpr std::string_view kSpace = " \t\r\n";
    while (at_ < text_.size() &&
           kSpace.find(text_[at_]) != std::string_view::npos) {
      ++at_;
    }
  }
  std::string_view text_;
  std::size_t at_ = 0;
};

absl::Status Malformed(std::string_view what) {
  return Invalid("envelope: ", what);
}

// Reads `{"name": value, ...}`; `member` reads the value of one name and
// answers with the bit of the name, or 0. Every bit of `all` must come once.
template <class Member>
absl::Status ReadObject(Scanner& in, unsigned all, Member member) {
  if (!in.Eat('{')) return Malformed("an object is expected");
  unsigned seen = 0;
  do {
    std::string name;
    if (!in.Text(name) || !in.Eat(':')) return Malformed("a name is expected");
    const unsigned bit = member(name);
    if (bit == 0) return Malformed("a member that is not known or malformed");
    if ((seen & bit) != 0) return Malformed("a member stands twice");
    seen |= bit;
  } while (in.Eat(','));
  if (!in.Eat('}')) return Malformed("the object must end");
  if (seen != all) return Malformed("a member is missing");
  return absl::OkStatus();
}

bool ReadBase64(Scanner& in, Bytes& out) {
  std::string text;
  if (!in.Text(text)) return false;
  auto bytes = FromBase64(text);
  if (!bytes.ok()) return false;
  out = *std::move(bytes);
  return true;
}

bool ReadSignatures(Scanner& in, std::vector<EnvelopeSignature>& out) {
  if (!in.Eat('[')) return false;
  if (in.Eat(']')) return true;
  do {
    EnvelopeSignature signature;
    const absl::Status read =
        ReadObject(in, 3, [&](std::string_view name) -> unsigned {
          if (name == "keyid") return in.Text(signature.key_id) ? 1 : 0;
          if (name == "sig") return ReadBase64(in, signature.signature) ? 2 : 0;
          return 0;
        });
    if (!read.ok() || out.size() == kMaxSignatures) return false;
    out.push_back(std::move(signature));
  } while (in.Eat(','));
  return in.Eat(']');
}

}  // namespace

absl::StatusOr<Envelope> ReadEnvelopeJson(ByteView json) {
  if (json.size() > kMaxEnvelopeBytes) return Malformed("too large");
  Scanner in(AsText(json));
  Envelope envelope;
  TRY_OK(ReadObject(in, 7, [&](std::string_view name) -> unsigned {
    if (name == "payloadType") return in.Text(envelope.payload_type) ? 1 : 0;
    if (name == "payload") return ReadBase64(in, envelope.payload) ? 2 : 0;
    if (name == "signatures") {
      return ReadSignatures(in, envelope.signatures) ? 4 : 0;
    }
    return 0;
  }));
  if (!in.AtEnd()) return Malformed("bytes after the end");
  return envelope;
}

Bytes WriteEnvelopeJson(const Envelope& envelope) {
  std::string out =
      Join({"{\"payloadType\":\"", envelope.payload_type, "\",\"payload\":\"",
            ToBase64(envelope.payload), "\",\"signatures\":["});
  for (std::size_t i = 0; i < envelope.signatures.size(); ++i) {
    const EnvelopeSignature& signature = envelope.signatures[i];
    out += Join({i == 0 ? "" : ",", "{\"keyid\":\"", signature.key_id,
                 "\",\"sig\":\"", ToBase64(signature.signature), "\"}"});
  }
  return ToBytes(out + "]}");
}

}  // namespace entente::policy
