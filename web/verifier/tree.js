// Tree, proofs and tiles (audit-log.md, 1 and 2.4; audit-bundle.md, 3).

const WIDTH = 256;
const leafHash = (leaf) => sha256(Uint8Array.of(0), leaf);
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

// The root over hashes; of none: H("").
function rootOf(hashes) {
  if (hashes.length === 0) return sha256(new Uint8Array(0));
  if (hashes.length === 1) return hashes[0];
  let half = 1;
  while (half * 2 < hashes.length) half *= 2;
  return nodeHash(rootOf(hashes.slice(0, half)), rootOf(hashes.slice(half)));
}

const halve = (n) => Math.floor(n / 2);
const isPowerOf2 = (n) => n > 0 && 2 ** Math.round(Math.log2(n)) === n;

function verifyInclusion(index, size, hash, proof, root) {
  if (index >= size) return false;
  let [fn, sn, r] = [index, size - 1, hash];
  for (const p of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      r = nodeHash(p, r);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [halve(fn), halve(sn)];
    } else {
      r = nodeHash(r, p);
    }
    [fn, sn] = [halve(fn), halve(sn)];
  }
  return sn === 0 && same(r, root);
}

function verifyConsistency(oldSize, newSize, oldRoot, newRoot, proof) {
  if (oldSize > newSize) return false;
  if (oldSize === 0) return proof.length === 0;
  if (oldSize === newSize) return proof.length === 0 && same(oldRoot, newRoot);
  const path = isPowerOf2(oldSize) ? [oldRoot, ...proof] : proof;
  if (path.length === 0) return false;
  let [fn, sn] = [oldSize - 1, newSize - 1];
  while (fn % 2 === 1) [fn, sn] = [halve(fn), halve(sn)];
  let [fr, sr] = [path[0], path[0]];
  for (const c of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [nodeHash(c, fr), nodeHash(c, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [halve(fn), halve(sn)];
    } else {
      sr = nodeHash(sr, c);
    }
    [fn, sn] = [halve(fn), halve(sn)];
  }
  return sn === 0 && same(fr, oldRoot) && same(sr, newRoot);
}

// base64 hashes, one a line; null: malformed, or more than 63.
function parseProofLines(text) {
  if (text === "") return [];
  if (!text.endsWith("\n")) return null;
  const hashes = text.slice(0, -1).split("\n").map(fromBase64);
  return hashes.length <= 63 && hashes.every((h) => h && h.length === 32) ? hashes : null;
}

const fullTiles = (level, size) => Math.floor(size / WIDTH ** (level + 1));
const partialWidth = (level, size) => Math.floor(size / WIDTH ** level) % WIDTH;
const widthOf = (level, index, size) => (index < fullTiles(level, size) ? WIDTH : partialWidth(level, size));

function tilePath(level, index, size) {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, "0");
  const groups = digits.match(/.../g);
  const name = groups.map((g, i) => (i + 1 < groups.length ? "x" + g : g)).join("/");
  const width = widthOf(level === "entries" ? 0 : level, index, size);
  return `tile/${level}/${name}${width < WIDTH ? `.p/${width}` : ""}`;
}

// The tiles that a bundle of [first, end) has: [{ level, index, width }].
function tilesOfRange(first, end, size) {
  const out = [];
  let [low, high] = first === end ? [0, 0] : [Math.floor(first / WIDTH), Math.ceil(end / WIDTH)];
  const bundles = [low, high];
  for (let level = 0; WIDTH ** level <= size; level++) {
    const full = fullTiles(level, size);
    for (let i = low; i < high && i < full; i++) out.push({ level, index: i, width: WIDTH });
    const width = partialWidth(level, size);
    if (width > 0) out.push({ level, index: full, width });
    if (low < high) [low, high] = [Math.floor(low / WIDTH), Math.ceil(high / WIDTH)];
  }
  return { tiles: out, bundles };
}

function splitHashes(bytes) {
  const out = [];
  for (let at = 0; at + 32 <= bytes.length; at += 32) out.push(bytes.subarray(at, at + 32));
  return out;
}

// Leaves of an entry bundle as far as they are framed; `whole`: to its end.
function parseEntries(bytes, width) {
  const leaves = [];
  let rest = bytes;
  while (rest.length >= 2 && leaves.length < width) {
    const length = rest[0] * 256 + rest[1];
    if (rest.length < 2 + length) break;
    leaves.push(rest.subarray(2, 2 + length));
    rest = rest.subarray(2 + length);
  }
  return { leaves, whole: rest.length === 0 && leaves.length === width };
}

function firstDifference(a, b) {
  const size = Math.min(a.length, b.length);
  for (let i = 0; i < size; i++) if (!same(a[i], b[i])) return i;
  return a.length === b.length ? -1 : size;
}
