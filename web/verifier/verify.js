// One run over a bundle: every claim of audit-bundle.md, section 4.

const CATALOGUE_SHA256 = "@CATALOGUE_SHA256@"; // put in by the build
const VERIFY_TEXT =
  "entente audit verify --policy YOUR-COPY-OF-THE-POLICY THIS-FILE\n" +
  "Any verifier of C2SP logs can check checkpoint, tile/ and tile/entries/ without Entente.\n";
const CLAIMS = {
  "V1": "the file is a bundle, whole and as its list of sums says",
  "V2": "the exporter signed the bundle",
  "V3-origin": "the log is one that your policy names",
  "V3-signature": "the log signed the head",
  "V3-quorum": "enough witnesses cosigned the head",
  "V4": "the log only adds to an earlier head",
  "V5": "every tile leads to the signed root, none is left out",
  "V6": "every entry of the range is one that the log hashed",
  "V7": "every entry is in the catalogue, and their order is right",
  "V8": "every sealed entry has its body, or an entry says why not",
  "V9": "every erasure is signed by an officer you named",
  "V10": "single entries are in the log, opened fields are as sealed",
  "V11": "the witnesses saw the entries when these say",
  "V12": "evidence and day notes inside hold",
};
const HEAD_CLAIMS = { origin: "V3-origin", signature: "V3-signature", quorum: "V3-quorum" };

class Check {
  // `options`: { policy, officers: [vkey], previous: Uint8Array or null }.
  constructor(source, options) {
    this.box = new Container(source);
    this.options = options;
    this.claims = Object.entries(CLAIMS).map(([id, what]) => ({ id, what, result: "not checked", reason: "" }));
    this.report = { verdict: "", fault: null, claims: this.claims, remarks: [], opened: [], warnings: [], bodies: 0, entries: 0 };
    this.suspect = null;
    this.parents = new Map();
    this.sealed = new Map(); // index -> leaf, of entries shown
    this.lastTime = 0;
  }

  mark(id, result, reason = "") {
    Object.assign(this.claims.find((c) => c.id === id), { result, reason });
  }
  hold(id, reason) {
    this.mark(id, "holds", reason);
  }

  async run() {
    try {
      for (const step of ["container", "head", "bundleNote", "texts", "rightEdge", "upperTiles", "segmentFiles", "singles", "entries",
        "previous", "kept", "allBodies", "openings", "attachments", "times"]) {
        await this[step]();
      }
      if (this.suspect) throw this.suspect;
      this.report.verdict = this.options.policy.quorum === "none" ? "VERIFIED-UNWITNESSED" : "VERIFIED";
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      this.mark(fault.claim, "FAILS", fault.why);
      this.report.verdict = fault.verdict;
      this.report.fault = fault;
    }
    return this.report;
  }

  // Told only when nothing more exact is found.
  doubt(fault) {
    this.mark(fault.claim, "FAILS", fault.why);
    this.suspect ??= fault;
  }

  async container() {
    await this.box.load();
    this.hold("V1", `${this.box.members.size} members`);
    try {
      await this.box.checkSums();
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      this.doubt(fault);
    }
  }

  async head() {
    const { policy } = this.options;
    this.note = await this.box.read("checkpoint");
    const head = openHead(this.note, policy, "checkpoint", HEAD_CLAIMS);
    Object.assign(this, { origin: head.origin, size: head.size, root: head.root, cosigned: head.cosigned });
    Object.assign(this.report, { origin: head.origin, size: head.size, root: toHex(head.root) });
    this.hold("V3-origin", head.origin);
    this.hold("V3-signature", `size ${head.size}`);
    if (!head.quorumMet) throw untrusted("V3-quorum", "checkpoint", "too few witnesses cosigned this head");
    this.hold("V3-quorum", policy.quorum === "none" ? "your policy asks for none"
      : `${head.cosigned.length} of ${policy.witnesses.size} witnesses: ${head.cosigned.map((c) => c.key.name).join(", ")}`);
  }

  async bundleNote() {
    const note = parseNote(await this.box.read("bundle.note"));
    const text = note && /^entente\/audit-bundle\/1\n([^\n]+)\n([0-9]+)\n([0-9]+) ([0-9]+)\n([A-Za-z0-9+/=]+)\n$/.exec(note.text);
    const [size, first, end] = text ? text.slice(2, 5).map((t) => fromDecimal(t)) : [null];
    if (!text || size === null || first === null || end === null || first > end || end > size || (first === end && end !== 0)) {
      throw tampered("V2", "bundle.note", null, "the text is not that of a bundle");
    }
    if (text[1] !== this.origin || size !== this.size) throw tampered("V2", "bundle.note", null, "it speaks of another head");
    Object.assign(this, { first, end });
    this.report.range = [first, end];
    this.signer(note);
    if (text[5] !== toBase64(sha256(await this.box.read("SHA256SUMS")))) {
      this.doubt(tampered("V2", "SHA256SUMS", null, "it is not the list that was signed"));
    }
    this.layout();
  }

  signer(note) {
    const { policy, officers } = this.options;
    const keys = [...officers, ...policy.logs.filter((l) => l.name === this.origin)];
    for (const line of note.lines) {
      if (keys.some((k) => (k.name === line.name) !== (k.id === line.id))) {
        throw untrusted("V2", "bundle.note", "a signature line that half belongs to a known key");
      }
    }
    const lines = knownLines(note, keys, "V2", "bundle.note");
    if (lines.length > 0) return this.hold("V2", `signed by ${lines[0].key.name}`);
    if (officers.length > 0) throw untrusted("V2", "bundle.note", "signed by nobody you named");
    return this.mark("V2", "not checked", "signed by somebody you did not name");
  }

  layout() {
    const lowest = Math.floor(this.first / WIDTH);
    const highest = this.first === this.end ? lowest : Math.ceil(this.end / WIDTH);
    const missing = (name) => incomplete("V5", name, null, "the file is missing");
    for (let i = lowest; i < highest; i++) {
      const name = tilePath("entries", i, this.size);
      if (!this.box.has(name)) throw missing(name);
    }
    const { tiles, bundles } = tilesOfRange(this.first, this.end, this.size);
    Object.assign(this, { tiles, bundles });
    this.whole = [bundles[0] * WIDTH, Math.min(bundles[1] * WIDTH, this.size)];
    const wanted = new Set();
    for (let i = bundles[0]; i < bundles[1]; i++) wanted.add(tilePath("entries", i, this.size));
    for (const t of tiles) {
      const name = tilePath(t.level, t.index, this.size);
      if (!this.box.has(name)) throw missing(name);
      if (this.box.members.get(name).size !== t.width * 32) throw tampered("V5", name, null, "the tile has another length");
      wanted.add(name);
    }
    for (const name of this.box.members.keys()) {
      if (name.startsWith("tile/") && !wanted.has(name)) {
        throw tampered("V1", name, null, "a file that does not belong to the range");
      }
    }
  }

  async texts() {
    if (fromUtf8(await this.box.read("VERIFY.txt")) !== VERIFY_TEXT) throw tampered("V1", "VERIFY.txt", null, "another text");
    const bytes = await this.box.read("catalogue.json");
    if (toHex(sha256(bytes)) !== CATALOGUE_SHA256) {
      throw new Fault(this.suspect ? "TAMPERED" : "UNTRUSTED", "V7", "catalogue.json", null,
        "a catalogue of events that this page does not know");
    }
    this.catalogue = JSON.parse(fromUtf8(bytes));
  }

  async tile(level, index) {
    return splitHashes(await this.box.read(tilePath(level, index, this.size)));
  }

  // The root over the right edge; `other` replaces the hashes of level 0.
  async edgeRoot(other) {
    const peaks = []; // roots of complete subtrees, smallest first
    for (const t of this.tiles.filter((e) => e.width < WIDTH)) {
      const hashes = t.level === 0 && other ? other : await this.tile(t.level, t.index);
      let rest = hashes;
      for (let width = 1; rest.length > 0; width *= 2) {
        if ((hashes.length & width) === 0) continue;
        peaks.push(rootOf(rest.slice(rest.length - width)));
        rest = rest.slice(0, rest.length - width);
      }
    }
    return peaks.length === 0 ? rootOf([]) : peaks.reduce((right, left) => nodeHash(left, right));
  }

  async rightEdge() {
    if (same(await this.edgeRoot(null), this.root)) return;
    await this.nameEdge();
    for (const t of this.tiles.filter((x) => x.width === WIDTH)) {
      const above = Math.floor(t.index / WIDTH);
      if (above < fullTiles(t.level + 1, this.size)) continue;
      const parent = await this.parentOf(t.level, t.index);
      if (same(rootOf(await this.tile(t.level, t.index)), parent)) continue;
      throw tampered("V5", tilePath(t.level + 1, above, this.size), null, "the tile is not the one over those below");
    }
    throw tampered("V5", "checkpoint", null, "the tiles do not lead to the root that the log signed");
  }

  // When the last entries are here, they say which hash is wrong.
  async nameEdge() {
    const width = this.size % WIDTH;
    if (width === 0 || this.whole[1] !== this.size) return;
    const tile = Math.floor(this.size / WIDTH);
    const stored = await this.tile(0, tile);
    const name = tilePath("entries", tile, this.size);
    const { leaves } = parseEntries(await this.box.read(name), WIDTH);
    const hashes = leaves.map(leafHash);
    const at = firstDifference(hashes, stored);
    if (at < 0) return;
    if (hashes.length === stored.length && same(await this.edgeRoot(hashes), this.root)) {
      throw tampered("V5", tilePath(0, tile, this.size), tile * WIDTH + at, "the tile is not the one over its entries");
    }
    throw tampered("V6", name, tile * WIDTH + at, "the entry is not the one that the log hashed");
  }

  async parentOf(level, index) {
    const above = Math.floor(index / WIDTH);
    const kept = this.parents.get(level);
    if (!kept || kept.above !== above) this.parents.set(level, { above, hashes: await this.tile(level + 1, above) });
    return this.parents.get(level).hashes[index % WIDTH];
  }

  async upperTiles() {
    const upper = this.tiles.filter((t) => t.level > 0 && t.width === WIDTH).sort((a, b) => b.level - a.level || a.index - b.index);
    for (const t of upper) {
      if (same(rootOf(await this.tile(t.level, t.index)), await this.parentOf(t.level, t.index))) continue;
      throw tampered("V5", tilePath(t.level, t.index, this.size), null, "the tile does not lead to the root that the log signed");
    }
  }

  // u32be(number) || u8(count) || count times 88 bytes, numbers rising.
  async segmentFiles() {
    this.segments = new Map(); // number -> whether a body uses it
    this.announced = new Set();
    let rest = await this.box.read("segments");
    let last = -1;
    while (rest.length > 0) {
      const [number, count] = [bigEndian(rest.subarray(0, 4)), rest[4]];
      const size = 5 + count * 88;
      if (!(rest.length >= size) || count === 0 || number <= last) throw tampered("V8", "segments", null, "malformed segment file");
      this.segments.set(number, false);
      last = number;
      rest = rest.subarray(size);
    }
  }

  indexesOf(folder, suffix) {
    const out = [];
    for (const name of this.box.members.keys()) {
      if (name.startsWith(folder) && name.endsWith(suffix)) out.push(Number(name.slice(folder.length, -suffix.length)));
    }
    return out.sort((a, b) => a - b);
  }

  async singles() {
    this.coverage = new Coverage(this.origin, this.options.officers);
    const leaves = this.indexesOf("proofs/", ".leaf");
    for (const index of this.indexesOf("proofs/", ".tlog-proof")) {
      if (!leaves.includes(index)) throw incomplete("V10", `proofs/${index}.leaf`, null, "the member is missing");
    }
    this.shown = new Map();
    for (const index of leaves) {
      const proof = `proofs/${index}.tlog-proof`;
      if (!this.box.has(proof)) throw incomplete("V10", proof, null, "the member is missing");
      this.shown.set(index, await this.single(index, proof));
    }
    this.report.singles = leaves.length;
  }

  async single(index, name) {
    const file = `proofs/${index}.leaf`;
    const bytes = await this.box.read(file);
    const text = fromUtf8(await this.box.read(name)) ?? "";
    const start = `c2sp.org/tlog-proof@v1\nindex ${index}\n`;
    const end = "\n" + fromUtf8(this.note);
    const good = text.startsWith(start) && text.endsWith(end) && text.length >= start.length + end.length;
    const proof = good ? parseProofLines(text.slice(start.length, -end.length)) : null;
    if (proof === null) throw tampered("V10", name, index, "it is not the proof of this entry under this head");
    if (!verifyInclusion(index, this.size, leafHash(bytes), proof, this.root)) {
      throw tampered("V10", file, index, "the path does not lead to the root");
    }
    const leaf = parseLeaf(bytes, this.catalogue);
    if (typeof leaf === "string") throw tampered("V10", file, index, leaf);
    this.cover(index, file, leaf, "V10");
    return leaf;
  }

  cover(index, file, leaf, claim) {
    const bad = this.coverage.add(index, leaf);
    if (bad) throw new Fault(bad.verdict ?? "TAMPERED", bad.claim ?? claim, file, index, bad.why);
  }

  async entries() {
    this.bodies = new MemberStream(this.box, "bodies");
    this.absent = [];
    await this.nextBody();
    for (const [index, leaf] of this.shown) if (index < this.whole[0]) await this.body(index, leaf);
    this.rules = new Rules(this.origin, this.whole[0], CATALOGUE_SHA256);
    this.ruleFault = null;
    for (let i = this.bundles[0]; i < this.bundles[1]; i++) await this.bundle(i);
    this.hold("V5");
    this.hold("V6", `${this.report.entries} entries`);
    if (!this.ruleFault && this.whole[1] === this.size && this.rules.finish()) {
      this.ruleFault = tampered("V7", tilePath("entries", this.bundles[1] - 1, this.size), this.size - 1, this.rules.finish());
    }
    if (this.ruleFault) throw this.ruleFault;
    if (this.first !== this.end) this.hold("V7");
    for (const [index, leaf] of this.shown) if (index >= this.whole[1]) await this.body(index, leaf);
  }

  async bundle(tile) {
    const name = tilePath("entries", tile, this.size);
    const width = widthOf(0, tile, this.size);
    const { leaves, whole } = parseEntries(await this.box.read(name), width);
    const stored = await this.tile(0, tile);
    const hashes = leaves.map(leafHash);
    const at = firstDifference(hashes, stored);
    const full = width === WIDTH;
    const parent = full ? await this.parentOf(0, tile) : null;
    const first = tile * WIDTH;
    if (at >= 0) {
      if (full && whole && same(rootOf(hashes), parent)) {
        throw tampered("V5", tilePath(0, tile, this.size), first + at, "the tile is not the one over its entries");
      }
      throw tampered("V6", name, first + at, "the entry is not the one that the log hashed");
    }
    if (full && !same(rootOf(stored), parent)) {
      throw tampered("V6", name, null, `entries ${first} to ${first + WIDTH - 1} are not those that the log hashed`);
    }
    if (!whole) throw tampered("V6", name, null, "bytes after the last entry");
    for (let i = 0; i < width; i++) await this.entry(first + i, name, leaves[i]);
  }

  // A broken rule is told only once the tree is known to be the log's.
  async entry(index, file, bytes) {
    this.report.entries++;
    if (this.ruleFault) return;
    const leaf = parseLeaf(bytes, this.catalogue);
    const why = typeof leaf === "string" ? leaf : this.rules.next(index, leaf);
    try {
      if (why) throw tampered("V7", file, index, why);
      this.cover(index, file, leaf, "V7");
    } catch (fault) {
      this.ruleFault = fault;
      return;
    }
    this.lastTime = leaf.time;
    if (leaf.type === "key.segment") this.announced.add(leaf.data.segment);
    if ((this.first <= index && index < this.end) || this.shown.has(index)) await this.body(index, leaf);
  }

  async nextBody() {
    this.next = null;
    if (this.bodies.left === 0) return;
    if (this.bodies.left >= 12) {
      const head = await this.bodies.take(12);
      const [index, length] = [bigEndian(head.subarray(0, 8)), bigEndian(head.subarray(8))];
      if (length <= 1 << 17 && length <= this.bodies.left) {
        this.next = { index, length };
        return;
      }
    }
    throw tampered("V8", "bodies", null, "a body that is cut short or too long");
  }

  async body(index, leaf) {
    const here = this.next !== null && this.next.index === index;
    if (this.next !== null && (!(this.next.index >= index) || (here && leaf.commit === null))) throw this.strayBody();
    if (leaf.commit === null) return;
    this.sealed.set(index, leaf);
    if (!here) {
      this.absent.push({ index, leaf });
      return;
    }
    this.record(index, await this.bodies.take(this.next.length));
    this.report.bodies++;
    await this.nextBody();
  }

  strayBody() {
    return tampered("V8", "bodies", this.next.index, "a body that no entry shown here has, or out of order");
  }

  // The framing only: what is inside is sealed.
  record(index, bytes) {
    const wrap = bytes[0] === 1 ? 65 : bytes[0] === 2 && bytes[1] > 0 ? 2 + bytes[1] * 88 : Infinity;
    const good = bytes.length >= wrap + 17 && bigEndian(bytes.subarray(wrap + 13, wrap + 17)) === bytes.length - wrap - 17;
    if (!good) throw tampered("V8", "bodies", index, "malformed record of a body");
    if (bytes[0] !== 1) return;
    const number = bigEndian(bytes.subarray(1, 5));
    if (!this.segments.has(number)) throw incomplete("V8", "bodies", index, "the key of its segment is missing");
    this.segments.set(number, true);
    const announced = this.whole[0] > 0 || !(this.first <= index && index < this.end) || this.announced.has(number);
    if (!announced) throw tampered("V8", "bodies", index, "its segment was not announced");
  }

  async allBodies() {
    if (this.next !== null) throw this.strayBody();
    const counts = { erased: 0, expired: 0 };
    for (const { index, leaf } of this.absent) {
      const cover = this.coverage.of(index, leaf);
      if (cover === null) throw incomplete("V8", "bodies", index, "its body is missing, and no entry says why");
      counts[cover.erased ? "erased" : "expired"]++;
      const last = this.report.remarks[this.report.remarks.length - 1];
      if (last && last.text === cover.text && last.last + 1 === index) last.last = index;
      else this.report.remarks.push({ first: index, last: index, text: cover.text });
    }
    if ([...this.segments.values()].includes(false)) throw tampered("V8", "segments", null, "a segment that no body uses");
    Object.assign(this.report, counts, { sealed: this.sealed.size });
    this.hold("V8", `${this.sealed.size} sealed: ${this.report.bodies} bodies, not opened here; ${counts.erased} erased, ${counts.expired} expired`);
    if (this.options.officers.length > 0) this.hold("V9");
    else this.mark("V9", "not checked", "you named no officer");
  }

  async previous() {
    const [head, proof] = ["previous.checkpoint", "previous.consistency"];
    if (this.box.has(head) !== this.box.has(proof)) {
      throw incomplete("V4", this.box.has(head) ? proof : head, null, "the member is missing");
    }
    if (!this.box.has(head)) return this.mark("V4", "not checked", "none inside, and you kept none");
    const old = this.oldHead(await this.box.read(head), head);
    const hashes = parseProofLines(fromUtf8(await this.box.read(proof)) ?? "x");
    if (hashes === null || !verifyConsistency(old.size, this.size, old.root, this.root, hashes)) {
      throw tampered("V4", proof, null, "the proof does not hold");
    }
    this.inside = old;
    return this.hold("V4", `from size ${old.size}`);
  }

  oldHead(bytes, file) {
    let old;
    try {
      old = openHead(bytes, this.options.policy, file, { origin: "V4", signature: "V4", quorum: "V4" });
    } catch (fault) {
      if (fault instanceof Fault) throw untrusted("V4", file, fault.why);
      throw fault;
    }
    if (old.origin !== this.origin) throw untrusted("V4", file, "it is of another log");
    return old;
  }

  // The head that the reader kept, by the proof inside or the tiles at hand.
  async kept() {
    if (!this.options.previous) return;
    const file = "previous checkpoint";
    const old = this.oldHead(this.options.previous, file);
    if (old.size > this.size) throw incomplete("V4", file, null, "the log is shorter than the head you kept");
    if (this.inside && this.inside.size === old.size && same(this.inside.root, old.root)) return;
    const root = await this.rootAt(old.size);
    if (root === null) throw incomplete("V4", file, null, "the bundle has no proof from the head you kept");
    if (!same(root, old.root)) throw new Fault("SPLIT-VIEW", "V4", file, null, "the log signed two histories");
    this.hold("V4", `from size ${old.size}, which you kept`);
  }

  // The root of the first `size` entries, from the tiles; null: they lack it.
  async rootAt(size) {
    const peaks = []; // smallest first
    for (let level = 0; WIDTH ** level <= size; level++) {
      const count = partialWidth(level, size);
      const index = fullTiles(level, size);
      if (count === 0) continue;
      if (!this.tiles.some((t) => t.level === level && t.index === index)) return null;
      let rest = (await this.tile(level, index)).slice(0, count);
      for (let width = 1; rest.length > 0; width *= 2) {
        if ((count & width) === 0) continue;
        peaks.push(rootOf(rest.slice(rest.length - width)));
        rest = rest.slice(0, rest.length - width);
      }
    }
    return peaks.length === 0 ? rootOf([]) : peaks.reduce((right, left) => nodeHash(left, right));
  }

  async openings() {
    const indexes = this.indexesOf("openings/", ".opening");
    for (const index of indexes) {
      const file = `openings/${index}.opening`;
      const leaf = this.sealed.get(index);
      if (!leaf) throw incomplete("V10", file, index, "the entry that it opens is missing");
      const fields = checkOpening(await this.box.read(file), index, this.origin, leaf, this.catalogue);
      if (typeof fields === "string") throw tampered("V10", file, index, fields);
      this.report.opened.push(...fields);
    }
    if (indexes.length === 0 && this.shown.size === 0) this.mark("V10", "not checked", "none inside");
    else this.hold("V10", `${this.shown.size} entries by proof, ${this.report.opened.length} fields opened`);
  }

  async attachments() {
    const notes = [...this.box.members.keys()].filter((n) => n.startsWith("reconcile/"));
    const evidence = [...this.box.members.keys()].filter((n) => n.startsWith("evidence/"));
    let held = 0;
    for (const name of notes) if (await this.dayNote(name)) held++;
    if (notes.length + evidence.length === 0) return this.mark("V12", "not checked", "none inside");
    const left = `${notes.length + evidence.length - held} not checked here`;
    return held > 0 ? this.hold("V12", `${held} hold, ${left}`) : this.mark("V12", "not checked", left);
  }

  // Whether a log of the policy signed it.
  async dayNote(name) {
    const note = parseNote(await this.box.read(name));
    if (note === null) throw tampered("V12", name, null, "not a signed note");
    if (knownLines(note, this.options.policy.logs, "V12", name).length === 0) return false;
    const [, agreement, day] = /^reconcile\/([0-9a-f]{16})-(.{10})\.note$/.exec(name);
    if (!note.text.startsWith(`entente/reconcile/1\n${agreement}`) || !note.text.includes(`\n${day}\n`)) {
      throw tampered("V12", name, null, "it is of another day or agreement");
    }
    return true;
  }

  times() {
    if (this.cosigned.length === 0 || this.report.entries === 0) return;
    for (const { key, time } of this.cosigned) {
      if (Math.floor(this.lastTime / 1e6) <= time + 300) continue;
      this.report.warnings.push(`witness ${key.name} cosigned this head long before its last entry says it was written`);
    }
    if (this.report.warnings.length === 0) this.hold("V11");
    else this.mark("V11", "FAILS", "see the warning");
  }
}
