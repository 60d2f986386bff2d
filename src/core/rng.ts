// The only source of randomness: xoshiro128** (Blackman & Vigna 2018), seeded by hashing a seed and a path of labels.
// A generator is derived, never shared: `Rng.of(seed, 'canvas', item)` is the same stream wherever and whenever it is
// made, so a resumed run, a second worker and another engine all draw the same numbers, and there is no state to save.

/** What a stream is for: a purpose and the indices that tell it from its neighbours. */
export type Path = readonly (string | number)[]

export class Rng {
  private a: number
  private b: number
  private c: number
  private d: number

  private constructor(a: number, b: number, c: number, d: number) {
    this.a = a
    this.b = b
    this.c = c
    this.d = d
  }

  /** The generator of a seed (any finite number; integers are the custom) and a path. Equal arguments, equal streams. */
  static of(seed: number, ...path: Path): Rng {
    let low = mix(seed | 0, 0x9e3779b9)
    let high = mix(Math.floor(seed / 4294967296) | 0, low)
    for (const label of path) {
      if (typeof label === 'number') {
        low = mix(label | 0, low)
        high = mix(Math.floor(label / 4294967296) | 0, high ^ low)
      } else {
        for (let i = 0; i < label.length; i++) low = mix(label.charCodeAt(i), low)
        high = mix(label.length, high ^ low)
      }
    }
    return new Rng(mix(1, low), mix(2, high), mix(3, low ^ high), mix(4, high) | 1)
  }

  /** A uniform 32-bit unsigned integer. */
  next(): number {
    const product = Math.imul(this.b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9)
    const shifted = this.b << 9
    this.c ^= this.a
    this.d ^= this.b
    this.b ^= this.c
    this.a ^= this.d
    this.c ^= shifted
    this.d = (this.d << 11) | (this.d >>> 21)
    return result >>> 0
  }

  /** A uniform number in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.next() / 4294967296)
  }

  /** A uniform integer in [0, count), without modulo bias. @throws RangeError unless 1 <= count <= 2^32. */
  integer(count: number): number {
    if (!(count >= 1 && count <= 4294967296)) throw new RangeError(`integer(count): count ${count} is not in [1, 2^32]`)
    const limit = 4294967296 - (4294967296 % count)
    let draw = this.next()
    while (draw >= limit) draw = this.next()
    return draw % count
  }

  /** A draw from the standard normal distribution (Box and Muller 1958; one of the pair is used). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log((this.next() + 1) / 4294967296))
    return radius * Math.cos((2 * Math.PI * this.next()) / 4294967296)
  }

  /** The integers 0 ... count - 1 in random order (Fisher and Yates). */
  permutation(count: number): Int32Array {
    const order = new Int32Array(count)
    for (let i = 0; i < count; i++) order[i] = i
    for (let i = count - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const kept = order[i]!
      order[i] = order[j]!
      order[j] = kept
    }
    return order
  }
}

/** One round of MurmurHash3's 32-bit mixing of `value` into `hash`. */
function mix(value: number, hash: number): number {
  let k = Math.imul(value, 0xcc9e2d51)
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593)
  let h = hash ^ k
  h = Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}
