// Verification of Ed25519 signatures (RFC 8032), with BigInt: not fast, and
// only for a handful of signatures. Not constant time: it has no secret.

const P = (1n << 255n) - 19n;
const L = (1n << 252n) + 27742317777372353535851937790883648493n;

const mod = (x) => {
  const r = x % P;
  return r < 0n ? r + P : r;
};
function power(base, exponent) {
  let out = 1n;
  for (let b = mod(base); exponent > 0n; exponent >>= 1n, b = mod(b * b)) {
    if (exponent & 1n) out = mod(out * b);
  }
  return out;
}
const inverse = (x) => power(x, P - 2n);
const D = mod(-121665n * inverse(121666n));
const ROOT_OF_MINUS_1 = power(2n, (P - 1n) / 4n);

// Extended coordinates (X, Y, Z, T).
const ZERO = [0n, 1n, 1n, 0n];
function addPoints([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2));
  const b = mod((y1 + x1) * (y2 + x2));
  const c = mod(2n * t1 * t2 * D);
  const d = mod(2n * z1 * z2);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}
function times(k, point) {
  let out = ZERO;
  for (let p = point; k > 0n; k >>= 1n, p = addPoints(p, p)) {
    if (k & 1n) out = addPoints(out, p);
  }
  return out;
}

function littleEndian(bytes) {
  let n = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) n = (n << 8n) | BigInt(bytes[i]);
  return n;
}

// null: no point, or another spelling of one.
function decodePoint(bytes) {
  const number = littleEndian(bytes);
  const sign = number >> 255n;
  const y = number & ((1n << 255n) - 1n);
  if (y >= P) return null;
  const u = mod(y * y - 1n);
  const v = mod(D * y * y + 1n);
  let x = mod(u * power(v, 3n) * power(u * power(v, 7n), (P - 5n) / 8n));
  if (mod(v * x * x) === mod(-u)) x = mod(x * ROOT_OF_MINUS_1);
  if (mod(v * x * x) !== u || (x === 0n && sign === 1n)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y)];
}
function encodePoint([x, y, z]) {
  const i = inverse(z);
  let n = mod(y * i) | ((mod(x * i) & 1n) << 255n);
  const out = new Uint8Array(32);
  for (let k = 0; k < 32; k++, n >>= 8n) out[k] = Number(n & 255n);
  return out;
}
const BASE = decodePoint(Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 0x58 : 0x66)));

function isSmallOrder(point) {
  const [x, y, z] = times(8n, point);
  return mod(x) === 0n && mod(y) === mod(z);
}

// `key` 32 bytes, `signature` 64. False for every malformed input.
function verifyEd25519(key, message, signature) {
  if (key.length !== 32 || signature.length !== 64) return false;
  const a = decodePoint(key);
  const s = littleEndian(signature.subarray(32));
  if (a === null || s >= L || isSmallOrder(a)) return false;
  const r = signature.subarray(0, 32);
  const k = littleEndian(sha512(concat(r, key, message))) % L;
  const minusA = [mod(-a[0]), a[1], a[2], mod(-a[3])];
  return same(encodePoint(addPoints(times(s, BASE), times(k, minusA))), r);
}
