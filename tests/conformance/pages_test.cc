// The worked examples of docs/protocol say what the code does: encoding,
// statements, transport, agreement and screening. pages_selftest.py holds the
// same pages against the stranger's code.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "crypto/base/codec.h"
#include "crypto/oprf/page_reader.h"
#include "crypto/primitive/hash.h"
#include "entente/v1/peer.grpc.pb.h"
#include "node/exchange/acts.h"
#include "node/exchange/epochs.h"
#include "node/model/statements.h"
#include "policy/fixture.h"
#include "policy/freshness.h"
#include "tests/testing/status_matchers.h"

namespace entente {
namespace {

using oprf::PageReader;
namespace fixture = policy::fixture;

constexpr std::int64_t kTime = 1772366400;  // 2026-03-01T12:00:00Z

Bytes U64(std::uint64_t value) {
  FieldWriter writer;
  writer(value);
  return writer.Take();
}
Bytes U64(std::int64_t value) { return U64(static_cast<std::uint64_t>(value)); }

enum class Three : std::uint8_t { kZero, kOne, kTwo, kLast = kTwo };

struct Pair {
  std::string code;
  std::uint8_t value = 0;
  template <class A>
  void Fields(A& f) {
    f(code, value);
  }
};

struct Example {
  static constexpr std::string_view kLabel = "entente/example/1";
  bool flag = true;
  std::uint8_t small = 7;
  std::uint16_t port = 7101;
  std::uint32_t count = 512;
  std::uint64_t size = (std::uint64_t{1} << 40U) + 1;
  std::int64_t time = -2;
  Three kind = Three::kTwo;
  ByteArray<6> handle{0x11, 0x22, 0x33, 0x44, 0x55, 0x66};
  std::string name = "Żar";
  Bytes data{0x00, 0xff};
  std::vector<std::string> fields{"doc.number", ""};
  std::vector<Pair> pairs{{"a", 1}, {"", 2}};
  template <class A>
  void Fields(A& f) {
    f(flag, small, port, count, size, time, kind, handle, name, data, fields,
      pairs);
  }
};

TEST(ProtocolPagesTest, Encoding) {
  PageReader page("encoding.md");
  const Example example;
  page.Expect("record", ToHex(Encode(example)));
  page.Expect("statement", ToHex(EncodeStatement(example)));
  page.ExpectNothingLeft();
}

struct SignedHello {
  Bytes body;
  Bytes signed_bytes;
  Bytes signature;
};

SignedHello MakeHello() {
  model::Hello hello;
  hello.preamble = {"QOR", "QVA", kTime, {}};
  for (std::size_t i = 0; i < hello.preamble.nonce.size(); ++i)
    hello.preamble.nonce[i] = static_cast<std::uint8_t>(i);
  hello.agreements.resize(1);
  hello.agreements[0].fill(0xab);
  SignedHello out;
  out.body = EncodeStatement(hello);
  out.signed_bytes = Concat({AsBytes("entente/statement/1\n"), out.body});
  out.signature = ToBytes(
      ByteView(fixture::ExampleKey("qor-statement").Sign(out.signed_bytes)));
  return out;
}

TEST(ProtocolPagesTest, Statements) {
  PageReader page("statements.md");
  const SignedHello hello = MakeHello();
  page.Expect(
      "seed",
      ToHex(primitive::Sha256(AsBytes("entente example key qor-statement"))));
  page.Expect("public_key",
              ToHex(fixture::ExampleKey("qor-statement").public_key()));
  page.Expect("body", ToHex(hello.body));
  page.Expect("signed", ToHex(hello.signed_bytes));
  page.Expect("signature", ToHex(hello.signature));
  page.Expect("hash", ToHex(primitive::Sha256(hello.body)));
  page.ExpectNothingLeft();
}

TEST(ProtocolPagesTest, Transport) {
  PageReader page("transport.md");
  const SignedHello hello = MakeHello();
  v1::Statement statement;
  statement.set_body(ToString(hello.body));
  statement.set_signature(ToString(hello.signature));
  const Bytes message = ToBytes(statement.SerializeAsString());
  FieldWriter length;
  auto size = static_cast<std::uint32_t>(message.size());
  length(size);
  const std::string path =
      std::string("/") + v1::Peer::service_full_name() + "/Hello";
  page.Expect("path", ToHex(AsBytes(path)));
  page.Expect("message", ToHex(message));
  page.Expect("frame", ToHex(Concat({Bytes{0}, length.Take(), message})));
  page.ExpectNothingLeft();
}

TEST(ProtocolPagesTest, Agreement) {
  PageReader page("signed-documents.md");
  const Hash agreement = policy::DocumentHash(fixture::DemoAgreement());
  const primitive::SigningKey key = fixture::ExampleKey("qor-statement");
  policy::StatusStatement status;
  status.agreement = agreement;
  status.party = "QOR";
  status.sequence = 3;
  status.issued = kTime;
  policy::Envelope envelope;
  envelope.payload_type = policy::kStatusType;
  envelope.payload = policy::Emit(status);
  const Bytes pae = policy::SignPayload(policy::kStatusType, envelope.payload);
  const primitive::Signature signature = key.Sign(pae);
  envelope.signatures.push_back(
      {policy::MakeKeyId("statement", key.public_key()).text,
       ToBytes(ByteView(signature))});
  page.Expect("agreement", ToHex(agreement));
  page.Expect("kid", ToHex(primitive::KeyId(key.public_key())));
  page.Expect("pae", ToHex(pae));
  page.Expect("signature", ToHex(signature));
  page.Expect("envelope_hash",
              ToHex(primitive::Sha256(policy::EmitEnvelope(envelope))));
  page.ExpectNothingLeft();
}

TEST(ProtocolPagesTest, Screening) {
  PageReader page("screening.md");
  const policy::Compiled compiled = fixture::Compile(fixture::DemoAgreement());
  exchange::Act act;
  act.clause = "screen-terrorism";
  act.holder = "QVA";
  act.asker = "QOR";
  act.purpose = "terrorism.travel";
  act.basis = "protocol-4";
  act.record_age = 3;
  act.units = 8;
  act.asked =
      compiled.FieldBits(compiled.FindClause(act.clause)->fields).value_or(0);
  ASSERT_OK_AND_ASSIGN(policy::Facts facts, exchange::FactsOf(compiled, act));
  policy::StatusStatement of_holder;
  of_holder.party = "QVA";
  of_holder.issued = kTime - 40;
  policy::StatusStatement of_asker;
  of_asker.party = "QOR";
  of_asker.issued = kTime - 2;
  const policy::StatusSeen seen_holder{of_holder, 1};
  const policy::StatusSeen seen_asker{of_asker, 1};
  policy::PairInput pair;
  pair.a = act.holder;
  pair.b = act.asker;
  pair.status_a = &seen_holder;
  pair.status_b = &seen_asker;
  policy::Fold(compiled.verified(), pair, kTime).Fill(facts);
  facts.now = kTime;
  facts.bits |= policy::fact::kLogOpen;
  const policy::Decision decision =
      policy::Evaluate(compiled, policy::Local{}, facts);
  EXPECT_EQ(decision.outcome, policy::Outcome::kPermit);
  ASSERT_OK_AND_ASSIGN(const exchange::EpochSpan span,
                       exchange::EpochAt(compiled, kTime));
  page.Expect("agreement", ToHex(compiled.hash()));
  page.Expect("facts", ToHex(policy::EncodeFacts(facts)));
  page.Expect("decision", ToHex(policy::EncodeDecision(decision)));
  page.Expect("epoch", ToHex(U64(span.epoch)));
  page.Expect("valid_from", ToHex(U64(span.from)));
  page.Expect("valid_until", ToHex(U64(span.until)));
  page.ExpectNothingLeft();
}

}  // namespace
}  // namespace entente
