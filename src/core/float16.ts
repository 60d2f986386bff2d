// Numbers of 16 bits (IEEE 754 binary16) as their bit patterns: half the bytes, 11 significant bits, up to 65,504.

const scratch = new Float32Array(1)
const scratchBits = new Uint32Array(scratch.buffer)

/** float32 [n] as bit patterns of float16, uint16 [n], rounded to the nearest, ties to even. */
export const toFloat16 = (values: Float32Array): Uint16Array => Uint16Array.from(values, bitsOf)

/** Bit patterns of float16, uint16 [n], as the same numbers, float32 [n]. */
export const fromFloat16 = (bits: Uint16Array): Float32Array => Float32Array.from(bits, numberOf)

function bitsOf(value: number): number {
  scratch[0] = value
  const sign = (scratchBits[0]! >>> 16) & 0x8000
  const rest = scratchBits[0]! & 0x7fff_ffff
  if (rest > 0x7f80_0000) return sign | 0x7e00 // not a number
  if (rest >= 0x477f_f000) return sign | 0x7c00 // 65,520 and more round to infinity
  if (rest < 0x3880_0000) {
    // below 2^-14, multiples of 2^-24, which is what the last bit of a float32 in [0.5, 1) counts
    scratch[0] = Math.abs(value) + 0.5
    return sign | (scratchBits[0]! - 0x3f00_0000)
  }
  // 13 bits fewer, and an exponent that counts from -15 instead of from -127
  const rounded = rest + 0x0fff + ((rest >>> 13) & 1)
  return sign | ((rounded - 0x3800_0000) >>> 13)
}

function numberOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >>> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25))
}
