// SHA-256, SHA-512 (FIPS 180-4) and HMAC (RFC 2104).

// The first `bits` bits of the fractional part of root(p) of the first n primes.
function primeRoots(n, root, bits) {
  const out = [];
  for (let p = 2; out.length < n; p++) {
    let prime = true;
    for (let d = 2; d * d <= p; d++) if (p % d === 0) prime = false;
    if (!prime) continue;
    // The integer root of p * 2^(root * bits), by bisection.
    const target = BigInt(p) << BigInt(root * bits);
    let low = 0n;
    let high = 1n << BigInt(bits + 5);
    while (high - low > 1n) {
      const mid = (low + high) >> 1n;
      if (mid ** BigInt(root) <= target) low = mid;
      else high = mid;
    }
    out.push(low & ((1n << BigInt(bits)) - 1n));
  }
  return out;
}

const K256 = Uint32Array.from(primeRoots(64, 3, 32), Number);
const H256 = Uint32Array.from(primeRoots(8, 2, 32), Number);
const K512 = primeRoots(80, 3, 64);
const H512 = primeRoots(8, 2, 64);

class Sha256 {
  constructor() {
    this.h = H256.slice();
    this.w = new Uint32Array(64);
    this.block = new Uint8Array(64);
    this.used = 0;
    this.length = 0;
  }

  update(data) {
    this.length += data.length;
    let at = 0;
    while (at < data.length) {
      const n = Math.min(64 - this.used, data.length - at);
      this.block.set(data.subarray(at, at + n), this.used);
      this.used += n;
      at += n;
      if (this.used === 64) this.compress();
    }
    return this;
  }

  compress() {
    const { h, w, block } = this;
    this.used = 0;
    for (let i = 0; i < 16; i++) {
      w[i] = (block[4 * i] << 24) | (block[4 * i + 1] << 16) | (block[4 * i + 2] << 8) | block[4 * i + 3];
    }
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15];
      const y = w[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, k] = h;
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (k + s1 + ((e & f) ^ (~e & g)) + K256[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      k = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    const add = [a, b, c, d, e, f, g, k];
    for (let i = 0; i < 8; i++) h[i] = h[i] + add[i];
  }

  finish() {
    const bits = BigInt(this.length) * 8n;
    const pad = new Uint8Array(((119 - (this.length % 64)) % 64) + 1);
    pad[0] = 0x80;
    this.update(pad);
    const tail = new Uint8Array(8);
    new DataView(tail.buffer).setBigUint64(0, bits);
    this.update(tail);
    const out = new Uint8Array(32);
    const view = new DataView(out.buffer);
    for (let i = 0; i < 8; i++) view.setUint32(4 * i, this.h[i]);
    return out;
  }
}

const sha256 = (...parts) => parts.reduce((h, p) => h.update(p), new Sha256()).finish();

// Only for the few bytes that a signature covers.
function sha512(data) {
  const mask = (1n << 64n) - 1n;
  const right = (x, n) => ((x >> n) | (x << (64n - n))) & mask;
  const length = new Uint8Array(16);
  new DataView(length.buffer).setBigUint64(8, BigInt(data.length) * 8n);
  const pad = new Uint8Array(((239 - (data.length % 128)) % 128) + 1);
  pad[0] = 0x80;
  const all = concat(data, pad, length);
  const view = new DataView(all.buffer);
  const h = H512.slice();
  for (let at = 0; at < all.length; at += 128) {
    const w = [];
    for (let i = 0; i < 16; i++) w.push(view.getBigUint64(at + 8 * i));
    for (let i = 16; i < 80; i++) {
      const s0 = right(w[i - 15], 1n) ^ right(w[i - 15], 8n) ^ (w[i - 15] >> 7n);
      const s1 = right(w[i - 2], 19n) ^ right(w[i - 2], 61n) ^ (w[i - 2] >> 6n);
      w.push((w[i - 16] + s0 + w[i - 7] + s1) & mask);
    }
    let [a, b, c, d, e, f, g, k] = h;
    for (let i = 0; i < 80; i++) {
      const s1 = right(e, 14n) ^ right(e, 18n) ^ right(e, 41n);
      const t1 = k + s1 + ((e & f) ^ (~e & mask & g)) + K512[i] + w[i];
      const s0 = right(a, 28n) ^ right(a, 34n) ^ right(a, 39n);
      const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
      [k, g, f, e, d, c, b, a] = [g, f, e, (d + t1) & mask, c, b, a, (t1 + t2) & mask];
    }
    [a, b, c, d, e, f, g, k].forEach((x, i) => (h[i] = (h[i] + x) & mask));
  }
  const out = new Uint8Array(64);
  h.forEach((x, i) => new DataView(out.buffer).setBigUint64(8 * i, x));
  return out;
}

// `key` has at most 64 bytes.
function hmacSha256(key, ...parts) {
  const pad = (byte) => {
    const block = new Uint8Array(64).fill(byte);
    key.forEach((b, i) => (block[i] ^= b));
    return block;
  };
  return sha256(pad(0x5c), sha256(pad(0x36), ...parts));
}
