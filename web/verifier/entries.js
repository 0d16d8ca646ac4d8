// Leaves, their order, erasures and openings (audit-log.md, 3 to 5).

const LEAF_KEYS = ["actor", "commit", "data", "id", "keep", "time", "type", "v"];
const KINDS = {
  h: /^(?:-|[0-9a-f]{64})$/,
  x: /^(?:-|[0-9a-f]{32})$/,
  c: /^(?:-|[A-Za-z0-9][A-Za-z0-9._:+-]{0,63})$/,
  s: /^[\x20\x21\x23-\x5b\x5d-\x7e]{0,512}$/,
};

// The leaf in its one spelling and in the catalogue, or a reason.
function parseLeaf(bytes, catalogue) {
  const text = bytes.length <= 4096 ? fromUtf8(bytes) : null;
  let leaf;
  try {
    leaf = JSON.parse(text);
  } catch {
    return "a leaf that is not JSON";
  }
  // Keys are sorted and nothing needs an escape, so this is the one spelling.
  if (leaf === null || typeof leaf !== "object" || JSON.stringify(leaf) !== text) return "a leaf in another spelling";
  if (Object.keys(leaf).join() !== LEAF_KEYS.join()) return "a leaf with other keys";
  const type = Object.hasOwn(catalogue.events, leaf.type) ? catalogue.events[leaf.type] : null;
  if (type === null) return "an event that the catalogue does not have";
  const integer = (n) => Number.isSafeInteger(n) && n >= 0;
  const commit = leaf.commit === "" ? null : fromBase64(String(leaf.commit));
  if ((type.sealed.length > 0) !== (commit !== null && commit.length === 32)) return "a commitment too many, or none";
  if (!/^(?:-|[0-9a-f]{32})$/.test(leaf.actor) || !/^[0-9a-f]{32}$/.test(leaf.id) || !integer(leaf.time) ||
      leaf.keep !== type.keep || leaf.v !== 1) {
    return "a malformed leaf";
  }
  const keys = Object.keys(type.data).sort();
  if (leaf.data === null || typeof leaf.data !== "object" || Object.keys(leaf.data).join() !== keys.join()) {
    return "data keys that are not those of the event";
  }
  for (const key of keys) {
    const [kind, value] = [type.data[key], leaf.data[key]];
    const fits = kind === "n" ? integer(value) : typeof value === "string" && KINDS[kind].test(value);
    if (!fits) return `a value of another kind: \`${key}\``;
  }
  return { ...leaf, commit };
}

// `12,99-105` -> [[12, 12], [99, 105]]; null: malformed.
function parseRanges(text) {
  const out = [];
  for (const part of text.split(",")) {
    const [first, last] = part.split("-").map(fromDecimal).concat(undefined);
    const bounds = [first, last === undefined ? first : last];
    const rising = out.length === 0 || bounds[0] > out[out.length - 1][1];
    if (bounds.includes(null) || (last !== undefined && last <= first) || !rising || part.split("-").length > 2) return null;
    out.push(bounds);
  }
  return out;
}

const keyId = (key) => toHex(sha256(utf8("entente/kid/1\n"), key).subarray(0, 16));

// Which entries say why a body is absent.
class Coverage {
  constructor(origin, officers) {
    Object.assign(this, { origin, officers, erased: [], expired: [] });
  }

  // A reason when the entry is malformed or badly signed; else null.
  add(index, leaf) {
    if (leaf.type === "log.expire") {
      this.expired.push({ by: index, leaf });
      return leaf.data.first <= leaf.data.last && leaf.data.last < index ? null : { why: "an expiry of entries that do not lie before it" };
    }
    if (leaf.type !== "erasure") return null;
    const ranges = parseRanges(leaf.data.ranges);
    const count = (ranges ?? []).reduce((n, [a, b]) => n + b - a + 1, 0);
    if (ranges === null || ranges[ranges.length - 1][1] >= index || count !== leaf.data.n) {
      return { why: "an erasure that does not name entries before it" };
    }
    for (const [first, last] of ranges) this.erased.push({ by: index, first, last, leaf });
    return this.officers.length === 0 ? null : this.signedFault(leaf);
  }

  signedFault(leaf) {
    const officer = this.officers.find((o) => keyId(o.key) === leaf.data.kid);
    if (!officer) return { claim: "V9", verdict: "UNTRUSTED", why: "an erasure signed by nobody known" };
    const text = ["entente/audit-erasure/1", this.origin, leaf.data.ranges, leaf.data.ground, leaf.data.case, ""].join("\n");
    const signature = fromBase64(leaf.data.sig);
    const good = signature !== null && verifyEd25519(officer.key, utf8(text), signature);
    return good ? null : { claim: "V9", why: "the signature under an erasure fails" };
  }

  // What to say of the absent body; null: nothing covers it.
  of(index, leaf) {
    const erased = this.erased.find((e) => e.first <= index && index <= e.last);
    if (erased) {
      const officer = this.officers.find((o) => keyId(o.key) === erased.leaf.data.kid);
      const who = officer ? officer.name : `key ${erased.leaf.data.kid.slice(0, 8)}`;
      const { ground, case: id } = erased.leaf.data;
      return { erased: true, text: `erased, authorised by ${who} in entry ${erased.by} (ground ${ground}, case ${id})` };
    }
    const expired = this.expired.find(({ leaf: e }) =>
      e.data.keep === leaf.keep && e.data.first <= index && index <= e.data.last && leaf.time < e.data.before);
    return expired ? { erased: false, text: `expired: the term of class ${leaf.keep} ended, says entry ${expired.by}` } : null;
  }
}

const GUARD_AFTER = { "screen.open": "screen", "tagset.build": "tagset" };

// What must hold between the entries, fed in order from `first` on.
class Rules {
  constructor(origin, first, catalogueHash) {
    Object.assign(this, { volume: origin.slice(origin.lastIndexOf("/") + 1), first, catalogueHash });
    Object.assign(this, { last: 0, ids: new Set(), closed: false, due: first === 0 ? "" : null });
  }

  // A reason, or null.
  next(index, leaf) {
    if (leaf.time < this.last) return "a time before the last one";
    this.last = leaf.time;
    if (this.ids.has(leaf.id)) return "an id that an earlier entry has";
    this.ids.add(leaf.id);
    if (this.closed && leaf.type !== "pad") return "an entry after log.close";
    this.closed = this.closed || leaf.type === "log.close";
    if ((leaf.type === "log.genesis") !== (index === 0)) return "log.genesis is the first entry and no other";
    if (index === 0 && (leaf.data.volume !== this.volume || leaf.data.catalogue !== this.catalogueHash)) {
      return "log.genesis names another volume or catalogue";
    }
    return this.guard(leaf);
  }

  guard(leaf) {
    const due = this.due;
    this.due = GUARD_AFTER[leaf.type] ?? "";
    if (leaf.type !== "guard") return due ? "a guard entry is missing here" : null;
    if (leaf.actor !== "-") return "a guard entry with an actor";
    const about = due === null ? leaf.data.about : due === "" ? "set" : due;
    return leaf.data.about === about ? null : "a guard entry that belongs to no other entry";
  }

  finish() {
    return this.due ? "a guard entry is missing here" : null;
  }
}

// The fields that an opening shows, or a reason.
function checkOpening(bytes, index, origin, leaf, catalogue) {
  const text = fromUtf8(bytes);
  let o;
  try {
    o = JSON.parse(text);
  } catch {
    return "an opening that is not JSON";
  }
  const keys = "commit_key,format,id,index,origin,root,slots";
  if (o === null || JSON.stringify(o) !== text || Object.keys(o).join() !== keys ||
      o.format !== "entente/audit-opening/1" || !Array.isArray(o.slots) || o.slots.length === 0) {
    return "an opening that is not canonical";
  }
  if (o.index !== index || o.origin !== origin || o.id !== leaf.id) return "it opens another entry";
  const [key, root] = [fromHex(o.commit_key, 32), fromHex(o.root, 32)];
  if (!key || !root || leaf.commit === null) return "the opening does not hold";
  const label = utf8(`entente/audit/commitment/1\n${origin}\n`);
  if (!same(hmacSha256(key, label, fromHex(o.id, 16), root), leaf.commit)) return "the opening does not lead to the commitment";
  const names = ["type", "actor", ...catalogue.events[leaf.type].sealed];
  let last = -1;
  const out = [];
  for (const slot of o.slots) {
    const salt = fromHex(slot.salt, 32);
    const path = Array.isArray(slot.path) && slot.path.length === 4 ? slot.path.map((h) => fromHex(h, 32)) : [null];
    const shape = Object.keys(slot).join() === "name,path,salt,slot,value" && typeof slot.value === "string";
    if (!shape || !salt || path.includes(null) || !(slot.slot > last) || slot.name !== names[slot.slot] ||
        slot.value.normalize("NFC") !== slot.value) {
      return "the opening does not hold";
    }
    last = slot.slot;
    const [name, value] = [utf8(slot.name), utf8(slot.value)];
    if (value.length > 4096) return "the opening does not hold";
    const sizes = [Uint8Array.of(name.length), Uint8Array.of(value.length >> 8, value.length & 255)];
    const hash = leafHash(concat(salt, sizes[0], name, sizes[1], value));
    if (!verifyInclusion(slot.slot, 16, hash, path, root)) return "a field that is not the one that was sealed";
    if (slot.slot === 0 && slot.value !== leaf.type) return "the opening does not hold";
    out.push({ index, name: slot.name, value: slot.value });
  }
  return out;
}
