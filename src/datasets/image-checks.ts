// Damage that libvips passes over: a PNG's chunk that says how its pixels are meant (transparency, profile, orientation)
// and does not match its checksum, and a GIF whose data end before its pixels do.

/** @throws Error where a chunk of a PNG other than its pixels, which libpng checks itself, does not match its checksum. */
export function checkPngChunks(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at)
    const end = at + 8 + length
    const kind = Buffer.from(bytes.subarray(at + 4, at + 8)).toString('latin1')
    if (kind === 'IEND' || end + 4 > bytes.length) return
    if (kind !== 'IDAT' && crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end))
      throw new Error(`broken: its chunk ${JSON.stringify(kind)} does not match its checksum`)
    at = end + 4
  }
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/** The checksum of PNG's chunks (ISO 3309). */
export function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (const byte of bytes) value = table[(value ^ byte) & 255]! ^ (value >>> 8)
  return (value ^ 0xffffffff) >>> 0
}

/** @throws Error where the first image of a GIF has fewer pixels than its header says. */
export function checkGifData(bytes: Uint8Array): void {
  const frame = firstFrame(bytes)
  if (!frame) throw new Error('broken: a GIF without an image')
  const { pixels, codeSize, data } = frame
  const found = countPixels(data, codeSize, pixels)
  if (found < pixels) throw new Error(`broken: its data end after ${found} of ${pixels} pixels`)
}

type Frame = { readonly pixels: number; readonly codeSize: number; readonly data: Uint8Array }

/** The size and the packed data of the first image. */
function firstFrame(bytes: Uint8Array): Frame | undefined {
  const colours = (flags = 0): number => (flags & 128 ? 3 * 2 ** ((flags & 7) + 1) : 0)
  const word = (at: number): number => bytes[at]! | (bytes[at + 1]! << 8)
  let at = 13 + colours(bytes[10])
  while (at < bytes.length && bytes[at] === 0x21) at = endOfBlocks(bytes, at + 2)
  if (bytes[at] !== 0x2c || at + 10 > bytes.length) return undefined
  const begin = at + 10 + colours(bytes[at + 9])
  const end = endOfBlocks(bytes, begin + 1)
  const data = new Uint8Array(Math.max(0, end - begin))
  let filled = 0
  for (let block = begin + 1; block < end && bytes[block]! > 0; block += bytes[block]! + 1) {
    data.set(bytes.subarray(block + 1, Math.min(end, block + 1 + bytes[block]!)), filled)
    filled += Math.min(bytes[block]!, end - block - 1)
  }
  return { pixels: word(at + 5) * word(at + 7), codeSize: bytes[begin] ?? 0, data: data.subarray(0, filled) }
}

/** Where a run of blocks, each led by its length, ends: after the one of length 0. */
function endOfBlocks(bytes: Uint8Array, from: number): number {
  let at = from
  while (at < bytes.length && bytes[at]! > 0) at += bytes[at]! + 1
  return Math.min(at + 1, bytes.length)
}

/** How many pixels LZW data hold, counted up to `most`: of each code only the length of its run is kept. */
function countPixels(data: Uint8Array, codeSize: number, most: number): number {
  if (codeSize < 1 || codeSize > 11) return 0
  const clear = 1 << codeSize
  const lengths = new Uint32Array(4096).fill(1)
  let [size, next, before, count] = [codeSize + 1, clear + 2, -1, 0]
  for (let bit = 0; bit + size <= 8 * data.length && count < most; ) {
    const word = data[bit >> 3]! | ((data[(bit >> 3) + 1] ?? 0) << 8) | ((data[(bit >> 3) + 2] ?? 0) << 16)
    const code = (word >> (bit & 7)) & ((1 << size) - 1)
    bit += size
    if (code === clear) [size, next, before] = [codeSize + 1, clear + 2, -1]
    else if (code === clear + 1 || code > next || (before < 0 && code > clear)) break
    else {
      if (before >= 0 && next < 4096) {
        lengths[next] = lengths[before]! + 1
        next++
        if (next === 1 << size && size < 12) size++
      }
      count += lengths[code]!
      before = code
    }
  }
  return count
}
