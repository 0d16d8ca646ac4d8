#pragma once
// The audit log's one writer. An act passes: policy gives a Permit, this log
// gives a Receipt, only then the act happens. No log, no exchange.
//
// Callers' threads seal bodies and compute commitments; one of them at a time
// sequences what has queued, in one transaction of the store per batch (6.1),
// signs the head after the commit and then hands out the Receipts. Tiles,
// bundles and the `checkpoint` file are written by Tick (6.2): the folder
// `dir/<volume>/` holds exactly what its checkpoint's size implies and verifies
// off line. Source: docs/protocol/audit-log.md; design: audit.md, sections 4 to
// 7 and 9.

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"
#include "crypto/merkle/note.h"
#include "crypto/primitive/hpke.h"
#include "crypto/primitive/signature.h"
#include "node/audit/receipt.h"
#include "node/base/clock.h"
#include "node/ledger/body.h"
#include "node/ledger/bundle.h"
#include "node/ledger/event.h"
#include "node/ledger/opening.h"
#include "node/store/store.h"
#include "policy/permit.h"

namespace entente::audit {

// 6.4. Appends work in kOpen, kLate and kHeld only.
enum class State : std::uint8_t {
  kChecking,  // start-up is not through
  kOpen,      // normal
  kLate,      // no witness quorum for 300 s: alarm, nothing stops
  kHeld,      // no quorum for longer than the grace: permitted acts stop
  kStopped,   // an append failed, the disk is full, the clock ran back
  kBroken,    // the tree differs from what was signed: read only, for good
  kClosed,    // the volume ended
  kLast = kClosed
};
std::string_view LogName(State state);

// Rows that belong to the events: run in the transaction of the leaves, after
// they are staged. A status that is not OK undoes the whole job, its leaves
// included, and leaves other jobs alone. Runs on the writer's thread, which may
// be another caller's: no waiting, no call back into the log.
using Changes =
    std::function<absl::Status(store::Writer&, std::span<const Staged>)>;

struct Job {
  std::vector<ledger::Event> events;  // stay together, in this order
  Changes changes;                    // may be empty
  // For search by subject (4.4), in the store only: ledger::SubjectTag of a
  // person whom event number `event` of this job is about.
  struct Subject {
    std::size_t event = 0;
    Id16 tag{};
  };
  std::vector<Subject> subjects = {};
};

struct Options {
  std::string dir;            // `<data>/audit`; made when absent, mode 0700
  std::string origin;         // `audit.<DNS name>/<volume>`
  std::string volume;         // `2027a`; the part of `origin` after its slash
  std::optional<Hash> build;  // SHA-256 of the program, for node.start
  std::string version;        // of node.start
  store::Store* store = nullptr;       // borrowed, outlives the log
  const base::Clock* clock = nullptr;  // borrowed, outlives the log

  // The log key. `sign` is called from the writer's thread and from Tick.
  primitive::PublicKey log_key{};
  std::function<absl::StatusOr<primitive::Signature>(ByteView)> sign;
  // HMAC-SHA256 under the volume's actor key; any thread.
  std::function<absl::StatusOr<Hash>(ByteView)> actor_mac;
  // Public HPKE keys of the data protection officer; at least one, better two
  // (one off line). Bodies are wrapped to all of them.
  std::vector<primitive::HpkePublicKey> recipients;
  // The node's own HPKE key; absent: `audit.node_can_open = false`.
  std::optional<primitive::HpkePublicKey> node_key;
  // Keys that it had before, so that older bodies still open.
  std::vector<primitive::HpkePublicKey> older_node_keys;
  // Opens an HPKE box sealed to one of these; for OpenBody and SelfCheck.
  std::function<absl::StatusOr<Bytes>(ByteView enc, ByteView info, ByteView aad,
                                      ByteView ciphertext)>
      open_sealed;

  // The witness policy file (2.8) of this log, verbatim. Empty: no witnesses,
  // the log is never late. With a quorum, a head is published once its quorum
  // has cosigned it, so the folder always verifies under this policy.
  std::string witness_policy;
  std::int64_t late_after_seconds = 300;
  std::int64_t grace_seconds = 14'400;  // kHeld after this; 0 allowed

  // The last checkpoint of the volume before, for log.genesis.
  struct Previous {
    std::string origin;
    std::uint64_t size = 0;
    Hash root{};
  };
  std::optional<Previous> previous;
  std::string reason = "first";  // of log.genesis

  // Days for which bodies are kept; `law` bodies stay.
  std::int64_t ops_days = 400;
  std::int64_t access_days = 1'096;
  std::int64_t exchange_days = 1'827;

  std::uint64_t pad_to = 64;                     // 64 to 1,024
  std::uint64_t disk_floor_bytes = 1ULL << 30U;  // less free: kStopped
  std::uint64_t reserve_bytes = 64ULL << 20U;    // given up to stop in order
};

struct Entry {
  std::uint64_t index = 0;
  Bytes leaf;  // canonical JSON, section 3
};

// A head of the tree, as published or as signed.
struct Head {
  std::uint64_t size = 0;
  Hash root{};
  std::string note;  // the signed note: the checkpoint text and its lines
};

struct Counts {
  std::uint64_t size = 0;       // entries, pads included
  std::uint64_t published = 0;  // size of the published checkpoint
  std::uint64_t jobs = 0;       // committed since start
  std::uint64_t batches = 0;    // transactions since start
  std::uint64_t spooled = 0;    // safe events that wait in the spool
  std::int64_t quorum_age = 0;  // seconds; 0 when no quorum is needed
  std::uint64_t pruned = 0;     // below it only kept entries are left
};

// Thread-safe, but for the destructor.
class AuditLog final {
 public:
  // Start-up as in 6.3: checks the store's head, rebuilds missing tiles,
  // re-signs the head, replays the spool, appends `log.genesis` for a new
  // volume and `node.start`, publishes.
  //   INVALID_ARGUMENT     an option is missing or malformed
  //   DATA_LOSS            the tree, a tile or the checkpoint differs from the
  //                        store; reason `log-broken`. Nothing was changed
  //   UNAVAILABLE, RESOURCE_EXHAUSTED   disk or store
  static absl::StatusOr<std::unique_ptr<AuditLog>> Open(Options options);
  // Appends nothing. Waits for the jobs that are queued.
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  // Appends the job's events and applies its changes, or neither; returns when
  // both are durable and the head is signed. One Receipt an event, same order.
  //   INVALID_ARGUMENT     an event breaks the catalogue, or `screen.open` or
  //                        `tagset.build` has no `guard` right after it
  //   FAILED_PRECONDITION  the log is not open; reason `log-unavailable`
  //   RESOURCE_EXHAUSTED   disk full; the log is stopped
  //   whatever `changes` returned
  absl::StatusOr<std::vector<Receipt>> Commit(Job job);

  // The second door: as Commit, and binds the Receipts to the permit's act.
  //   PERMISSION_DENIED    the permit expired; reason `permit-expired`
  //   FAILED_PRECONDITION  also in kHeld
  absl::StatusOr<std::vector<Receipt>> Append(Job job,
                                              const policy::Permit& permit);
  // One event; its Receipt.
  absl::StatusOr<Receipt> Append(ledger::Event event,
                                 const policy::Permit& permit,
                                 Changes changes = {});

  // For acts in the safe direction (rule S: stop, refuse, drop a key), which
  // never wait for the log. Appends when the log is open; else seals the entry
  // into the spool file, from which it is appended when the log opens again.
  // Not OK: neither was possible.
  absl::Status NoteSafe(ledger::Event event);

  // Called every 60 s and before an export: pads to the next multiple of
  // `pad_to` above the last size shown, signs that head and publishes it (with
  // a quorum to wait for: once it is met), watches clock and quorum, and
  // resumes a stopped log whose cause has gone. Returns the published head.
  absl::StatusOr<Head> Tick();

  // An orderly end of the process: `node.stop`, publish, kChecking. After it
  // only reading works.
  absl::Status Stop(std::string_view reason);
  // Ends the volume: `log.close`, publish, kClosed.
  absl::Status CloseVolume(std::string_view next_origin,
                           std::string_view reason);

  const std::string& origin() const;
  State state() const;
  Counts counts() const;
  // The head as last committed and signed; the last one published.
  Head SignedHead() const;
  Head PublishedHead() const;

  // A note that a witness holds of this log (7.5). Larger than the head, or not
  // a prefix of it: kBroken and DATA_LOSS.
  absl::Status CompareWitnessed(ByteView note);

  // Reading, from the first entry at or above `from`: those that were pruned
  // are passed over. An entry that lies behind a published bundle and one that
  // was committed a moment ago read alike. Handlers append `log.read` first.
  //   NOT_FOUND   beyond the head
  absl::StatusOr<std::vector<Entry>> Read(std::uint64_t from,
                                          std::size_t limit);
  // Indexes in ascending order, greater than or equal to `from`.
  enum class Key : std::uint8_t { kType, kBatch, kHit, kActor, kSubject };
  absl::StatusOr<std::vector<std::uint64_t>> Find(Key key,
                                                  std::string_view value,
                                                  std::uint64_t from,
                                                  std::size_t limit);
  // Of an entry that another node may know by its leaf hash: one with a peer.
  absl::StatusOr<std::uint64_t> FindLeaf(const Hash& leaf_hash);
  // Who stands behind a leaf's `actor`. NOT_FOUND: the row was erased.
  absl::StatusOr<std::string> UserOf(std::string_view actor);
  // The sealed fields of an entry, opened with the node's key and checked
  // against the leaf's commitment. `logged` is the Receipt of the `log.open`
  // that says so: no opening without its trace.
  //   NOT_FOUND          no body: none was sealed, or it was erased
  //   PERMISSION_DENIED  sealed to the data protection officer only, or
  //                      `logged` is no `log.open` of this log
  //   DATA_LOSS          the body does not match the leaf
  absl::StatusOr<std::vector<ledger::Slot>> OpenBody(std::uint64_t index,
                                                     const Receipt& logged);

  // Some fields of a sealed entry, opened so that a stranger can check them
  // against the leaf while the others stay hidden: file `<index>.opening`.
  // `fields` in any order. Errors as OpenBody; INVALID_ARGUMENT: a field that
  // the entry does not have.
  absl::StatusOr<ledger::Opening> OpenFields(
      std::uint64_t index, std::span<const std::string> fields,
      const Receipt& logged);

  // A bundle of the published head (docs/protocol/audit-bundle.md). The caller
  // keeps its bytes back until a `log.export` with the summary's digest is
  // durable. Appends go on meanwhile, publishing waits.
  struct ExportRequest {
    // A range alone, or nothing: those entries whole. With types or an
    // exchange: the entries that match, each by proof.
    ledger::Selection selection = {};
    std::string previous = {};  // signed head of an earlier export
    std::vector<ledger::Opening> openings = {};  // rising, of entries shown
    // Day notes and evidence by member name (ledger/bundle_names.h).
    std::map<std::string, std::string> attachments = {};
    // Who signs the bundle; absent: the log's own key, so that the policy file
    // alone vouches for it.
    std::optional<merkle::VerifierKey> exporter = {};
    merkle::Signer sign = {};
  };
  //   INVALID_ARGUMENT     a selection, opening or attachment is malformed
  //   FAILED_PRECONDITION  an erasure is not published yet: Tick first
  //   DATA_LOSS            a body is missing without cause
  //   others               those of the store and of `sink`
  absl::StatusOr<ledger::BundleSummary> Export(const ExportRequest& request,
                                               const ledger::BundleSink& sink);

  // A `.tlog-proof` (2.6) of the entry under the published checkpoint.
  //   NOT_FOUND   not published yet: Tick first
  absl::StatusOr<std::string> ProveInclusion(std::uint64_t index);
  // Hashes of the consistency proof from size m to n <= the committed size.
  absl::StatusOr<std::vector<Hash>> ProveConsistency(std::uint64_t m,
                                                     std::uint64_t n);
  // The same with its seed hash always in front, for 0 < m < n <= the size
  // last shown to witnesses: what evidence needs (7.4). NOT_FOUND: other sizes.
  absl::StatusOr<std::vector<Hash>> SeededConsistency(std::uint64_t m,
                                                      std::uint64_t n);

  // Retention of bodies (9.4): deletes up to `limit` whose term ended, with
  // their search tags, and appends `log.expire` in the same transaction.
  // Returns how many; call again while it is `limit`.
  absl::StatusOr<std::uint64_t> ExpireBodies(std::size_t limit);

  // Retention of leaves (9.4): up to `bundles` bundles of 256 leaves, all of
  // whose classes are over, go; those of the class `law` stay, and every hash.
  // Appends `log.prune`; the files go when that is published, the rows with
  // SweepPruned. Returns how many entries go; 0 while an earlier pruning is not
  // through.
  absl::StatusOr<std::uint64_t> PruneLeaves(std::size_t bundles);
  // Deletes up to about `limit` rows of entries that were pruned; how many.
  absl::StatusOr<std::uint64_t> SweepPruned(std::size_t limit);

  // Erasing (4.6): keys, bodies and search tags of the listed entries go, the
  // leaves stay. The officer signed ledger::ErasureText.
  struct Erasure {
    std::string ranges;   // `12,99-105`
    std::string ground;   // code
    std::string case_id;  // 32 hex
    primitive::PublicKey officer{};
    primitive::Signature signature{};
    std::string user;  // who asks
  };
  struct Erased {
    Receipt receipt;           // of the `erasure`
    std::uint64_t bodies = 0;  // that were there and went
  };
  //   INVALID_ARGUMENT     malformed, over 10,000 entries, or an index beyond
  //                        the head
  //   DATA_LOSS            the signature does not verify; `erasure-signature`
  //   FAILED_PRECONDITION  no body is there to erase; `nothing-to-erase`
  absl::StatusOr<Erased> Erase(const Erasure& erasure);
  // The `erasure` entries of which remnants may still lie in the store's files.
  absl::StatusOr<std::vector<std::uint64_t>> Unscrubbed() const;
  // Empties the write-ahead log, so that no remnant of them is left, and says
  // so with one `erasure.scrub` each; how many. UNAVAILABLE: a reader is in the
  // way, try again.
  absl::StatusOr<std::uint64_t> ScrubErased();

  // The nightly self-check: the store's leaves against the tiles and the head,
  // every body against its commitment (opened where the node's key can), and
  // that a body is missing only where an erasure or an expiry covers it.
  //   DATA_LOSS   not so; the message names the entry
  absl::Status SelfCheck();

  // Witnesses of this log (7.3). The network is the caller's.
  struct WitnessState {
    std::string name;           // in the policy file
    std::uint64_t size = 0;     // last size that it cosigned; 0: none
    std::int64_t cosigned = 0;  // POSIX seconds of that cosignature
  };
  std::vector<WitnessState> Witnesses() const;
  // The body of add-checkpoint (2.7) for one witness of the policy file: the
  // head of the last Tick, from the size that this witness last cosigned; from
  // `old_size` when it answered 409 with it.
  //   NOT_FOUND            no such witness
  //   FAILED_PRECONDITION  nothing to show yet, or the witness is ahead
  absl::StatusOr<std::string> BuildAddCheckpoint(std::string_view witness);
  absl::StatusOr<std::string> BuildAddCheckpoint(std::string_view witness,
                                                 std::uint64_t old_size);
  // The lines that a witness answered. Verified against its key and the head
  // that it was shown, stored, and published with that head in the order of the
  // policy file.
  //   DATA_LOSS   no line of that witness verifies
  absl::Status AcceptCosignature(std::string_view witness,
                                 std::string_view lines);

 private:
  class Impl;
  static Receipt MakeReceipt(const Head& head, const std::string& origin,
                             const Staged& leaf,
                             const std::optional<policy::ActId>& act);
  explicit AuditLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace entente::audit
