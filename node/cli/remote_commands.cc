#include "node/cli/remote_commands.h"

namespace entente::cli {
namespace {

constexpr Need kMust = Need::kRequired;

const std::vector<RemoteCommand>& Table() {
  static const std::vector<RemoteCommand> table = {
      {"status", "what this node is, holds and waits for", {}, ""},

      {"person add",
       "register a person (administrator)",
       {{"id", "short id, such as `r-amsel`", kMust},
        {"name", "name as colleagues know it", kMust},
        {"role", "administrator, approver, officer, dpo, auditor or custodian; may be given again", Need::kMany},
        {"public-key", "hex of the personal public key (`entente person public`)", kMust}},
       ""},
      {"person list", "who is registered, with roles", {}, ""},
      {"person remove", "take all roles from a person (administrator)", {{"<id>", "the person", kMust}}, ""},

      {"peer card", "print this node's card, still to be signed by the state's technical key",
       {{"agreement-key", "LABEL=KIND=HEX of a key that signs agreements; KIND is legal, technical, dpo or duty", Need::kMany}}, ""},
      {"peer add",
       "pin another state's node card, whose fingerprint was compared in person or by telephone (administrator)",
       {{"<card>", "the signed card file", kMust},
        {"fingerprint", "the card's fingerprint as the other side read it out", kMust}},
       "<card>"},
      {"peer own", "set this node's own signed card (administrator)", {{"<card>", "the signed card file", kMust}}, "<card>"},
      {"peer list", "pinned peers, their endpoints and when their cards end", {}, ""},
      {"peer check", "reach a peer and name what is wrong: port, pin, clock, version, agreement hash", {{"<party>", "the peer", kMust}}, ""},

      {"agreement import",
       "take a signed agreement; it is loaded only if every required signature verifies (administrator)",
       {{"<envelope>", "the DSSE envelope", kMust}},
       "<envelope>"},
      {"agreement list", "agreements held, their state and clauses", {}, ""},
      {"agreement suspend",
       "stop everything under an agreement at once; one authorised key is enough",
       {{"<event>", "the signed stop event (`entente agreement stop`)", kMust}},
       "<event>"},
      {"agreement resume", "lift named stops; needs legal and technical key of every party",
       {{"<event>", "the signed resume event", kMust}}, "<event>"},

      {"list import",
       "import subjects of interest, CSV or JSONL; an entry without ground, grade and expiry is refused (officer)",
       {{"<file>", "the list", kMust},
        {"list", "name of the list, replaced as a whole", kMust},
        {"format", "csv or jsonl (default: by the file's ending)"}},
       "<file>"},
      {"list show", "lists held: rows by ground, expired rows", {}, ""},
      {"list remove", "remove one entry and recall every disclosure of it (officer)",
       {{"list", "name of the list", kMust}, {"entry", "the entry's id", kMust}, {"reason", "reason class of the recalls", kMust}}, ""},
      {"protect import", "replace the set of protected persons, CSV (dpo)", {{"<file>", "the persons", kMust}}, "<file>"},

      {"flight import", "import travellers of a flight: PAXLST, or CSV or JSONL (officer)",
       {{"<file>", "the message or list", kMust}, {"format", "paxlst, csv or jsonl (default: by the content)"}}, "<file>"},
      {"flight list", "flights held, with counts", {}, ""},

      {"tagset fetch", "bring a peer's tag set up to date",
       {{"peer", "the holder", kMust}, {"clause", "clause id", kMust}, {"agreement", "agreement id, if more than one fits"}}, ""},
      {"tagset list", "tag sets built and taken", {}, ""},

      {"screen",
       "ask a peer whether travellers of a flight are on its list (officer)",
       {{"flight", "flight id (`entente flight list`)", kMust},
        {"peer", "the holder to ask", kMust},
        {"clause", "clause id", kMust},
        {"purpose", "one purpose leaf, such as terrorism.travel", kMust},
        {"basis", "legal basis code of the agreement", kMust},
        {"route", "arrives, departs, transits or none (default arrives)"},
        {"urgency", "routine, urgent or vital (default routine)"},
        {"case", "case reference"},
        {"agreement", "agreement id, if more than one fits"}},
       ""},
      {"screen list", "screenings and how they ended", {}, ""},
      {"screen resume", "go on with a screening that was cut off", {{"<batch>", "the batch id", kMust}}, ""},

      {"hits list", "the review queue", {}, ""},
      {"hits show", "one hit: which rules agreed, reviews, what was disclosed", {{"<hit>", "hit id or its first digits", kMust}}, ""},
      {"hits outcome", "tell the holder how it ended",
       {{"<hit>", "hit id", kMust}, {"result", "confirmed, not-the-person or no-longer-needed", kMust}}, ""},
      {"review",
       "give one review of a hit, or of a request that came in (officer, approver)",
       {{"<hit>", "hit id", kMust},
        {"verdict", "confirmed, not-same or unclear; on the holder's side approve or decline", kMust},
        {"reason", "why, in one sentence; sealed in the log", kMust},
        {"flag", "FLAG=absent or FLAG=present, on the holder's side; may be given again", Need::kMany}},
       ""},

      {"disclose ask",
       "ask the holder for a confirmed hit's details (officer)",
       {{"<hit>", "hit id", kMust},
        {"clause", "disclose clause id", kMust},
        {"fields", "comma-separated field codes", kMust},
        {"case", "case reference", kMust},
        {"necessity", "why it is needed, in one sentence", kMust},
        {"basis", "legal basis code (default: that of the screening)"}},
       ""},
      {"disclose list", "requests that came in or went out", {}, ""},
      {"disclose show", "one request with the list entry it is about (a logged read)", {{"<hit>", "hit id", kMust}}, ""},
      {"disclose release", "send what the clause allows, after the reviews (officer)", {{"<hit>", "hit id", kMust}}, ""},

      {"recall send", "order the asker to erase or correct what was disclosed (officer)",
       {{"<hit>", "hit id", kMust},
        {"reason", "wrong-person, entry-deleted, entry-corrected, court or other", kMust},
        {"kind", "erase or correct (default erase)"}},
       ""},
      {"recall list", "recalls and their receipts", {}, ""},

      {"audit show", "the log's entries (dpo, auditor; officers their own)",
       {{"from", "first index"}, {"limit", "how many (default 50)"}, {"type", "only this event type"}, {"batch", "only this batch"}, {"hit", "only this hit"}}, ""},
      {"audit check", "the nightly self-check: store against files, head, checkpoints", {}, ""},
      {"audit policy", "print this log's verification policy", {}, ""},
      {"audit tick", "pad, publish and ask the witnesses now (administrator)", {}, ""},
      {"audit witness", "add a witness that must cosign this log's checkpoints (administrator)", {{"party", "a pinned peer", kMust}}, ""},
      {"audit serve", "cosign a pinned peer's log as its witness (administrator)", {{"party", "the peer whose log is witnessed", kMust}}, ""},

      {"key list", "keys of this node, by purpose, and epoch keys with their dates", {}, ""},
      {"key destroy", "destroy the key of an ended epoch now (custodian)",
       {{"agreement", "agreement id", kMust}, {"epoch", "epoch number", kMust}}, ""},
  };
  return table;
}

}  // namespace

std::span<const RemoteCommand> RemoteCommands() { return Table(); }

}  // namespace entente::cli
