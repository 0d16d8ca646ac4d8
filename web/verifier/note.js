// Signed notes, verifier keys, policy files and heads (audit-log.md, section 2).

// Why a bundle is refused.
class Fault extends Error {
  constructor(verdict, claim, file, index, why) {
    super(why);
    Object.assign(this, { verdict, claim, file, index, why });
  }
}
const tampered = (claim, file, index, why) => new Fault("TAMPERED", claim, file, index, why);
const incomplete = (claim, file, index, why) => new Fault("INCOMPLETE", claim, file, index, why);
const untrusted = (claim, file, why) => new Fault("UNTRUSTED", claim, file, null, why);

const isKeyName = (name) => name !== "" && !/[\s+\u0085\u0000-\u001f]/u.test(name);

// `name+hex8(id)+base64(type || key)`; throws when malformed.
function parseVkey(text) {
  const parts = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text);
  const raw = parts && fromBase64(parts[3]);
  if (!raw || raw.length !== 33 || !isKeyName(parts[1]) || (raw[0] !== 1 && raw[0] !== 4)) {
    throw new Error("a malformed verifier key");
  }
  const id = toHex(sha256(utf8(parts[1] + "\n"), raw).subarray(0, 4));
  if (id !== parts[2]) throw new Error("a verifier key whose id is another's");
  return { name: parts[1], id, type: raw[0], key: raw.subarray(1), text };
}

// { text, lines: [{ name, id, signature }] }; null: malformed.
function parseNote(bytes) {
  const all = bytes.length <= 1000000 ? fromUtf8(bytes) : null;
  if (all === null || /[\u0000-\u0009\u000b-\u001f]/.test(all)) return null;
  const split = all.lastIndexOf("\n\n");
  const rest = all.slice(split + 2);
  if (split < 0 || !rest.endsWith("\n")) return null;
  const lines = [];
  for (const line of rest.slice(0, -1).split("\n")) {
    const parts = /^\u2014 (\S+) (\S+)$/u.exec(line);
    const raw = parts && fromBase64(parts[2]);
    if (!raw || raw.length < 5 || !isKeyName(parts[1]) || lines.length === 100) return null;
    lines.push({ name: parts[1], id: toHex(raw.subarray(0, 4)), signature: raw.subarray(4) });
  }
  return { text: all.slice(0, split + 1), lines };
}

// The time of a cosignature that verifies, 1 for another type; 0: it fails.
function verifyLine(key, text, signature) {
  if (key.type === 1) return verifyEd25519(key.key, utf8(text), signature) ? 1 : 0;
  if (signature.length !== 72) return 0;
  const time = bigEndian(signature.subarray(0, 8));
  if (!(time > 0)) return 0;
  const message = utf8(`cosignature/v1\ntime ${time}\n${text}`);
  return verifyEd25519(key.key, message, signature.subarray(8)) ? time : 0;
}

// The known lines of a note, each key once: [{ key, time }]. A known line that
// fails is a fault.
function knownLines(note, keys, claim, file) {
  const out = [];
  for (const line of note.lines) {
    const key = keys.find((k) => k.name === line.name && k.id === line.id);
    if (!key || out.some((o) => o.key === key)) continue;
    const time = verifyLine(key, note.text, line.signature);
    if (time === 0) throw new Fault("UNTRUSTED", claim, file, null, "a signature does not verify");
    out.push({ key, time });
  }
  return out;
}

class Policy {
  constructor(text) {
    this.logs = [];
    this.witnesses = new Map();
    this.groups = new Map();
    this.quorum = null;
    const used = new Set();
    if (!text.endsWith("\n")) throw new Error("the policy file does not end its last line");
    text.slice(0, -1).split("\n").forEach((line, at) => {
      const words = line.split(/[ \t]+/).filter((w) => w !== "");
      if (words.length === 0 || words[0].startsWith("#")) return;
      try {
        this.add(words, used);
      } catch (e) {
        throw new Error(`line ${at + 1}: ${e.message}`);
      }
    });
    if (this.quorum === null) throw new Error("no quorum line");
  }

  has(name) {
    return this.witnesses.has(name) || this.groups.has(name);
  }

  takeKey(text, type, used) {
    const key = parseVkey(text);
    if (key.type !== type) throw new Error("a key of another type");
    if (used.has(toHex(key.key))) throw new Error("a key for the second time");
    used.add(toHex(key.key));
    return key;
  }

  add(words, used) {
    const [what, name, ...rest] = words;
    const fresh = () => {
      if (name === "none" || this.has(name)) throw new Error("a name that is taken");
    };
    if (what === "log" && (words.length === 2 || words.length === 3)) {
      this.logs.push(this.takeKey(name, 1, used));
    } else if (what === "witness" && (words.length === 3 || words.length === 4)) {
      fresh();
      this.witnesses.set(name, this.takeKey(rest[0], 4, used));
    } else if (what === "group" && words.length >= 4) {
      fresh();
      const members = rest.slice(1);
      const need = { any: 1, all: members.length }[rest[0]] ?? fromDecimal(rest[0]);
      const free = members.every((m) => this.has(m) && !this.isMember(m));
      if (!need || need > members.length || !free || new Set(members).size !== members.length) {
        throw new Error("a malformed group");
      }
      this.groups.set(name, { need, members });
    } else if (what === "quorum" && words.length === 2 && this.quorum === null) {
      if (name !== "none" && !this.has(name)) throw new Error("an unknown quorum");
      this.quorum = name;
    } else {
      throw new Error("malformed");
    }
  }

  isMember(name) {
    return [...this.groups.values()].some((g) => g.members.includes(name));
  }

  met(name, signed) {
    if (name === "none") return true;
    if (this.witnesses.has(name)) return signed.has(this.witnesses.get(name));
    const group = this.groups.get(name);
    return group.members.filter((m) => this.met(m, signed)).length >= group.need;
  }
}

// { origin, size, root, cosigned: [{ key, time }], quorumMet, note }.
function openHead(bytes, policy, file, claims) {
  const note = parseNote(bytes);
  const text = note && /^([a-z0-9.-]+(?:\/[a-z0-9]+)+)\n([0-9]+)\n([A-Za-z0-9+/=]+)\n$/.exec(note.text);
  const size = text && fromDecimal(text[2]);
  const root = text && fromBase64(text[3]);
  if (!text || size === null || !root || root.length !== 32 || text[1].length > 128) {
    throw tampered(claims.signature, file, null, "the head is malformed");
  }
  const logs = policy.logs.filter((l) => l.name === text[1]);
  if (logs.length === 0) throw untrusted(claims.origin, file, "your policy does not name this log");
  const byLog = knownLines(note, logs, claims.signature, file);
  if (byLog.length === 0) throw untrusted(claims.signature, file, "the log's own line is missing");
  const witnesses = [...policy.witnesses.values()];
  const cosigned = knownLines(note, witnesses, claims.quorum, file);
  for (const line of note.lines) {
    if (witnesses.some((w) => (w.name === line.name) !== (w.id === line.id))) {
      throw untrusted(claims.quorum, file, "a signature line that half belongs to a known witness");
    }
    if (policy.logs.some((l) => l.id === line.id && l.name !== line.name)) {
      throw untrusted(claims.signature, file, "a signature line that half belongs to the log");
    }
  }
  const quorumMet = policy.met(policy.quorum, new Set(cosigned.map((c) => c.key)));
  return { origin: text[1], size, root, cosigned, quorumMet };
}
