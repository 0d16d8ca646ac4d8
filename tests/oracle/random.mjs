// Random choices from one seed, so that a run can be repeated.

export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
    for (let i = 0; i < 8; ++i) this.next();
  }

  // mulberry32: 32 bits, more than enough for test data.
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  // An integer in [low, high].
  int(low, high) {
    return low + Math.floor((this.next() / 4294967296) * (high - low + 1));
  }

  chance(probability) {
    return this.next() / 4294967296 < probability;
  }

  pick(list) {
    return list[this.int(0, list.length - 1)];
  }

  // Distinct members of `list`, between `low` and `high` of them, in list order.
  some(list, low, high = list.length) {
    const want = this.int(Math.min(low, list.length), Math.min(high, list.length));
    const keys = list.map((value, place) => ({ place, key: this.next() }));
    keys.sort((a, b) => a.key - b.key);
    return keys.slice(0, want).sort((a, b) => a.place - b.place).map(({ place }) => list[place]);
  }
}
