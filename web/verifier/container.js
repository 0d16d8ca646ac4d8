// The container of a bundle (audit-bundle.md, sections 1 and 2).

const BLOCK = 512;
const MAX_MEMBERS = 200000;
const NEEDED = ["SHA256SUMS", "VERIFY.txt", "bodies", "bundle.note", "catalogue.json", "checkpoint", "policy", "segments"];
const OPTIONAL = ["previous.checkpoint", "previous.consistency"];
const NAMED = [
  /^proofs\/(?:0|[1-9][0-9]*)\.(?:leaf|tlog-proof)$/,
  /^openings\/(?:0|[1-9][0-9]*)\.opening$/,
  /^reconcile\/[0-9a-f]{16}-[0-9]{4}-[0-9]{2}-[0-9]{2}\.note$/,
  /^evidence\/[0-9a-f]{8}-(?:0|[1-9][0-9]*)\.split-view$/,
  /^tile\/(?:[0-9]|entries)\/(?:x[0-9]{3}\/)*[0-9]{3}(?:\.p\/[1-9][0-9]{0,2})?$/,
];

function tarHeader(name, size) {
  const block = new Uint8Array(BLOCK);
  const put = (at, text) => block.set(utf8(text), at);
  put(0, name);
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, size.toString(8).padStart(11, "0"));
  put(136, "00000000000");
  put(148, "        ");
  put(156, "0");
  put(257, "ustar");
  put(263, "00");
  const sum = block.reduce((a, b) => a + b, 0);
  put(148, sum.toString(8).padStart(6, "0") + "\0 ");
  return block;
}

const isZero = (bytes) => bytes.every((b) => b === 0);
const isMember = (name) => NEEDED.includes(name) || OPTIONAL.includes(name) || NAMED.some((r) => r.test(name));

// The most bytes that such a member can have.
function maxBytes(name) {
  if (name === "bodies") return 8 ** 11 - 1;
  if (name === "segments") return 64e6;
  if (name === "SHA256SUMS") return MAX_MEMBERS * 170;
  if (name.startsWith("tile/entries/")) return 256 * 4098;
  if (name.startsWith("tile/")) return 256 * 32;
  if (name.endsWith(".leaf")) return 4096;
  return 3e6;
}

// Reads `source`: { size, read(offset, length) -> Promise<Uint8Array> }.
class Container {
  constructor(source) {
    this.source = source;
    this.members = new Map(); // name -> { offset, size }, in order
  }

  async load() {
    let at = 0;
    let last = "";
    for (;;) {
      if (this.source.size - at < 2 * BLOCK) throw tampered("V1", "bundle", null, "the archive is cut short");
      const block = await this.source.read(at, BLOCK);
      if (isZero(block)) break;
      const end = block.indexOf(0);
      const name = String.fromCharCode(...block.subarray(0, end < 0 || end > 100 ? 100 : end));
      const digits = String.fromCharCode(...block.subarray(124, 135));
      const size = /^[0-7]{11}$/.test(digits) ? parseInt(digits, 8) : -1;
      if (size < 0 || !/^[\x21-\x7e]+$/.test(name) || !same(block, tarHeader(name, size))) {
        throw tampered("V1", `bundle, byte ${at}`, null, "a header that no bundle has");
      }
      if (!isMember(name)) throw tampered("V1", name, null, "a member that no bundle has");
      if (name <= last) throw tampered("V1", name, null, "a member out of order, or twice");
      if (size > maxBytes(name) || this.members.size === MAX_MEMBERS) {
        throw tampered("V1", name, null, "larger than such a member can be");
      }
      const padding = (BLOCK - (size % BLOCK)) % BLOCK;
      if (this.source.size - at - BLOCK < size + padding) throw tampered("V1", name, null, "the archive is cut short");
      if (!isZero(await this.source.read(at + BLOCK + size, padding))) throw tampered("V1", name, null, "bytes after its end");
      this.members.set(name, { offset: at + BLOCK, size });
      last = name;
      at += BLOCK + size + padding;
    }
    if (this.source.size - at !== 2 * BLOCK || !isZero(await this.source.read(at, 2 * BLOCK))) {
      throw tampered("V1", "bundle", null, "the archive does not end with two empty blocks");
    }
    for (const name of NEEDED) {
      if (!this.has(name)) throw incomplete("V1", name, null, "the member is missing");
    }
  }

  has(name) {
    return this.members.has(name);
  }

  // A whole member, which is there.
  read(name) {
    const member = this.members.get(name);
    return this.source.read(member.offset, member.size);
  }

  // SHA256SUMS against the members; each byte is read once, in pieces.
  async checkSums() {
    let rest = fromUtf8(await this.read("SHA256SUMS")) ?? "";
    for (const [name, member] of this.members) {
      if (name === "SHA256SUMS" || name === "bundle.note") continue;
      const hash = new Sha256();
      for (let done = 0; done < member.size; done += 1 << 20) {
        hash.update(await this.source.read(member.offset + done, Math.min(1 << 20, member.size - done)));
      }
      const line = `${toHex(hash.finish())}  ${name}\n`;
      if (!rest.startsWith(line)) {
        const named = rest.slice(0, rest.indexOf("\n")).endsWith("  " + name);
        throw named
          ? tampered("V1", name, null, "its digest is not the one in SHA256SUMS")
          : tampered("V1", "SHA256SUMS", null, "it does not list the members");
      }
      rest = rest.slice(line.length);
    }
    if (rest !== "") throw tampered("V1", "SHA256SUMS", null, "it lists a member that is missing");
  }
}

// Reads a member from its start to its end through a window.
class MemberStream {
  constructor(container, name) {
    const member = container.members.get(name);
    this.source = container.source;
    this.at = member.offset;
    this.end = member.offset + member.size;
    this.window = new Uint8Array(0);
  }

  get left() {
    return this.window.length + this.end - this.at;
  }

  async take(size) {
    if (this.window.length < size) {
      const more = Math.min(Math.max(65536, size) - this.window.length, this.end - this.at);
      this.window = concat(this.window, await this.source.read(this.at, more));
      this.at += more;
    }
    const out = this.window.subarray(0, size);
    this.window = this.window.subarray(size);
    return out;
  }
}
