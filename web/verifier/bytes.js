// Byte strings and their spellings; decoders are strict, one spelling a value.

function concat(...parts) {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

function same(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const utf8 = (text) => new TextEncoder().encode(text);

// The text of UTF-8 bytes; null: they are not UTF-8.
function fromUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function toHex(bytes) {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

// null: not `size` bytes of lower-case hex.
function fromHex(text, size) {
  if (typeof text !== "string" || text.length !== 2 * size || !/^[0-9a-f]*$/.test(text)) return null;
  return Uint8Array.from({ length: size }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes));

// null: not base64 with padding, or spare bits that are not zero.
function fromBase64(text) {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null;
  const raw = atob(text);
  const out = Uint8Array.from(raw, (c) => c.charCodeAt(0));
  return btoa(raw) === text ? out : null;
}

// A decimal below 2^53 without sign and leading zero; null: something else.
function fromDecimal(text) {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return null;
  const n = Number(text);
  return Number.isSafeInteger(n) ? n : null;
}

// A big-endian number of at most 8 bytes; NaN beyond 2^53.
function bigEndian(bytes) {
  let n = 0;
  for (const b of bytes) n = n * 256 + b;
  return Number.isSafeInteger(n) ? n : NaN;
}
