#pragma once
// For this room's tests: keys, a store and a log in a folder of its own.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "crypto/base/status.h"
#include "crypto/merkle/note.h"
#include "crypto/merkle/policy.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/hpke.h"
#include "crypto/primitive/signature.h"
#include "node/audit/log.h"
#include "node/base/file.h"
#include "node/base/log.h"
#include "node/ledger/verify.h"
#include "node/store/sqlcipher_store.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace entente::audit {

inline constexpr char kOrigin[] = "audit.piu.orsena.example/2027a";

struct TestKeys {
  primitive::SigningKey log = primitive::SigningKey::Generate();
  primitive::HpkePrivateKey officer = primitive::HpkePrivateKey::Generate();
  primitive::HpkePrivateKey recovery = primitive::HpkePrivateKey::Generate();
  primitive::HpkePrivateKey node = primitive::HpkePrivateKey::Generate();
  SecretBytes actor = SecretBytes::Random(32);

  merkle::VerifierKey LogKey() const {
    return *merkle::VerifierKey::Make(kOrigin, merkle::NoteKeyType::kEd25519,
                                      log.public_key());
  }
};

// A witness of invented name, for policy files and cosignatures.
struct TestWitness {
  explicit TestWitness(std::string witness_name)
      : name(std::move(witness_name)) {}
  std::string name;
  primitive::SigningKey key = primitive::SigningKey::Generate();

  merkle::VerifierKey Key() const {
    return *merkle::VerifierKey::Make("witness." + name + ".example/w1",
                                      merkle::NoteKeyType::kCosignature,
                                      key.public_key());
  }
  merkle::Signer Signer() const {
    return [this](ByteView message) { return key.Sign(message); };
  }
};

// A folder with a store; logs open in it one after the other.
class TestNode {
 public:
  explicit TestNode(std::string dir) : dir_(std::move(dir)) {}

  absl::Status OpenStore() {
    const std::string path = dir_ + "/store";
    const store::OpenMode mode = base::FileExists(path)
                                     ? store::OpenMode::kOpen
                                     : store::OpenMode::kCreate;
    TRY(store,
        store::OpenSqlCipher({path, mode}, SecretBytes::CopyOf(Bytes(32, 5))));
    return absl::OkStatus();
  }
  Options LogOptions() {
    Options options;
    options.dir = dir_ + "/audit";
    options.origin = kOrigin;
    options.volume = "2027a";
    options.build = Hash{1};
    options.version = "0.1.0";
    options.store = store.get();
    options.clock = &clock;
    options.log_key = keys.log.public_key();
    options.sign = [this](ByteView m) { return keys.log.Sign(m); };
    options.actor_mac = [this](ByteView m) -> absl::StatusOr<Hash> {
      return primitive::HmacSha256(keys.actor, {m});
    };
    options.recipients = {keys.officer.public_key(),
                          keys.recovery.public_key()};
    options.node_key = keys.node.public_key();
    options.open_sealed = [this](ByteView enc, ByteView info, ByteView aad,
                                 ByteView sealed) {
      return primitive::HpkeOpen(keys.node, enc, info, aad, sealed);
    };
    options.witness_policy = witness_policy;
    options.disk_floor_bytes = 1;
    options.reserve_bytes = 4096;
    return options;
  }
  absl::Status Open() { return Open(LogOptions()); }
  absl::Status Open(Options options) {
    log.reset();
    if (!store) TRY_OK(OpenStore());
    options.store = store.get();
    TRY(log, AuditLog::Open(std::move(options)));
    return absl::OkStatus();
  }
  // As after the process is gone.
  void Close() {
    log.reset();
    store.reset();
  }
  std::string Volume() const { return dir_ + "/audit/2027a"; }
  std::string Dir() const { return dir_; }

  // What an off-line verifier says of the published folder; its policy is the
  // log's own, or trusts the log alone.
  absl::StatusOr<ledger::Report> Verify() const {
    const std::string text =
        witness_policy.empty()
            ? "log " + keys.LogKey().Text() + "\nquorum none\n"
            : witness_policy;
    TRY(const merkle::TrustPolicy policy, merkle::TrustPolicy::Parse(text));
    TRY(const std::vector<std::string> files, base::ListFiles(Volume()));
    return ledger::VerifyFolder({files,
                                 [this](const std::string& name) {
                                   return base::ReadFile(Volume() + "/" + name,
                                                         1U << 30U);
                                 }},
                                policy);
  }
  // Empty when it verifies, else what is wrong.
  std::string Fault() const {
    const absl::StatusOr<ledger::Report> report = Verify();
    if (!report.ok()) return report.status().ToString();
    if (ledger::IsVerified(report->verdict)) return "";
    return ledger::ReportText(*report);
  }

  // Declared before the log: they outlive it.
  TestKeys keys;
  testing::FakeClock clock;
  std::string witness_policy;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<AuditLog> log;

 private:
  std::string dir_;
};

// An event with sealed fields, by a person.
inline ledger::Event Refused(std::string_view reasons) {
  return ledger::Event("screen.refuse")
      .Set("batch", Id16{1, 2, 3})
      .Set("code", "A03")
      .Set("dir", "out")
      .Set("peer", "QVA")
      .FillAbsent()
      .Seal("reasons", reasons)
      .By("officer.invented");
}

// An event without.
inline ledger::Event Dropped(std::string_view reason) {
  return ledger::Event("tagset.drop").Set("reason", reason).FillAbsent();
}

inline Job JobOf(ledger::Event event, Changes changes = {}) {
  Job job;
  job.events.push_back(std::move(event));
  job.changes = std::move(changes);
  return job;
}

class LogTest : public ::testing::Test {
 protected:
  LogTest() {
    base::SetLogOutput([](std::string_view) {});
  }
  ~LogTest() override { base::SetLogOutput({}); }
  void SetUp() override { ASSERT_OK(node_.Open()); }
  AuditLog& log() { return *node_.log; }

  std::vector<ledger::Leaf> Leaves() {
    std::vector<ledger::Leaf> out;
    const auto entries = log().Read(0, 100'000);
    EXPECT_OK(entries);
    for (const Entry& entry : *entries) {
      const auto leaf = ledger::ParseLeaf(entry.leaf);
      EXPECT_OK(leaf);
      EXPECT_EQ(entry.index, out.size());
      out.push_back(*leaf);
    }
    return out;
  }
  std::vector<std::string> Types() {
    std::vector<std::string> out;
    for (const ledger::Leaf& leaf : Leaves()) {
      out.emplace_back(leaf.type->name);
    }
    return out;
  }
  // Without the padding.
  std::vector<std::string> RealTypes() {
    std::vector<std::string> out;
    for (std::string& type : Types()) {
      if (type != "pad") out.push_back(std::move(type));
    }
    return out;
  }

  testing::TempDir dir_;
  TestNode node_{dir_.Path("")};
};

}  // namespace entente::audit
