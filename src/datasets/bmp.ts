// BMP files, which libvips does not read: bitmaps of Windows and OS/2 of every usual depth, packed or not, with a palette, with
// bit fields, with transparency. Not read: JPEG or PNG data within a BMP, and OS/2's Huffman and 24-bit run lengths.

/** What a BMP's header says. */
export type BmpHeader = {
  readonly width: number
  readonly height: number
  /** Whether it can hold nothing but grey. */
  readonly grey: boolean
  /** Whether a pixel has a transparency. */
  readonly alpha: boolean
  /** Bits a pixel. */
  readonly depth: number
  readonly runLengths: boolean
  /** Whether the first row is the top one. */
  readonly topDown: boolean
  /** uint8 [N, 3]: RGB. */
  readonly palette: Uint8Array
  /** Red, green, blue, alpha; without a palette. */
  readonly masks: readonly number[]
  /** The byte where the pixels begin. */
  readonly begin: number
}

/** A decoded BMP: uint8 [H, W, C], RGB or RGBA. */
export type BmpPixels = {
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
  readonly pixels: Uint8Array
}

export const isBmp = (bytes: Uint8Array): boolean => bytes[0] === 0x42 && bytes[1] === 0x4d

/** The compressions that are known, by their number. */
const [plain, runs8, runs4, fields, fieldsWithAlpha] = [0, 1, 2, 3, 6]

/** Pixels of an image of which run lengths may leave out any part. */
const smallest = 2 ** 20

/** @throws Error on a header that is damaged, or of a kind that is not read. */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = bytes.length < 26 ? 0 : view.getUint32(14, true)
  const old = length === 12
  if (!old && (length < 40 || length > 124)) throw damaged('header')
  if (bytes.length < 14 + length) throw damaged('header')
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true)
  const height = old ? view.getUint16(20, true) : view.getInt32(22, true)
  const depth = view.getUint16(old ? 24 : 28, true)
  const compression = old ? plain : view.getUint32(30, true)
  if (width < 0 || ![1, 4, 8, 16, 24, 32].includes(depth)) throw damaged('header')
  const packings: Readonly<Record<number, readonly number[]>> = {
    [plain]: [1, 4, 8, 16, 24, 32],
    [runs8]: [8],
    [runs4]: [4],
    [fields]: [16, 32],
    [fieldsWithAlpha]: [16, 32],
  }
  if (!packings[compression]?.includes(depth))
    throw new Error(`a BMP of ${depth} bits with compression ${compression} is not read; convert it to PNG`)
  const masked = compression === fields || compression === fieldsWithAlpha
  // behind the shortest of the newer headers stand the masks, within the longer ones too
  const maskBytes = !masked ? 0 : compression === fieldsWithAlpha ? 16 : 12
  const tableAt = 14 + length + (length === 40 ? maskBytes : 0)
  if (bytes.length < tableAt) throw damaged('header')
  const begin = view.getUint32(10, true)
  const masks = masked ? readMasks(view, length >= 56 || maskBytes === 16) : usualMasks(depth)
  const entries = old ? 0 : view.getUint32(46, true)
  const palette = depth > 8 ? new Uint8Array(0) : readPalette(bytes, tableAt, begin, old ? 3 : 4, depth, entries)
  const runLengths = compression === runs8 || compression === runs4
  // two bytes are a run of 255 pixels at most; only of small images may more be left out
  if (runLengths && Math.abs(width * height) > Math.max(smallest, 128 * bytes.length))
    throw new Error(`broken: ${bytes.length} bytes for ${width}x${Math.abs(height)} pixels`)
  return {
    ...{ width, height: Math.abs(height), depth, masks, palette, begin, topDown: height < 0 },
    grey: depth <= 8 && palette.every((value, i) => value === palette[i - (i % 3)]),
    alpha: depth > 8 && masks[3] !== 0,
    runLengths,
  }
}

const damaged = (part: string): Error => new Error(`broken: a BMP with a damaged ${part}`)

const usualMasks = (depth: number): number[] => (depth === 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [0xff0000, 0xff00, 0xff, 0])

function readMasks(view: DataView, four: boolean): number[] {
  const masks = [54, 58, 62, ...(four ? [66] : [])].map((at) => view.getUint32(at, true))
  // a field is one run of bits
  for (const mask of masks)
    if (mask !== 0 && ((mask / lowestBit(mask) + 1) & (mask / lowestBit(mask))) !== 0) throw damaged('header')
  return [...masks, 0].slice(0, 4)
}

/** The value of the lowest bit that is set. */
const lowestBit = (mask: number): number => (mask & -mask) >>> 0

/** The colours between the header and the pixels, at most as many as the depth can tell apart. */
function readPalette(
  bytes: Uint8Array,
  from: number,
  begin: number,
  size: 3 | 4,
  depth: number,
  given: number,
): Uint8Array {
  const end = Math.min(bytes.length, begin > from ? begin : bytes.length)
  const count = Math.min(given || 2 ** depth, 2 ** depth, Math.floor((end - from) / size))
  if (count < 1) throw damaged('palette')
  const palette = new Uint8Array(3 * count)
  for (let i = 0; i < count; i++) for (let c = 0; c < 3; c++) palette[3 * i + c] = bytes[from + size * i + 2 - c]!
  return palette
}

/**
 * Decode a BMP whose size has been found fit.
 * @throws Error where its data end early or point outside its palette.
 */
export function decodeBmp(bytes: Uint8Array, header: BmpHeader): BmpPixels {
  const { width, height, depth, alpha, runLengths } = header
  const channels = alpha ? 4 : 3
  const pixels = new Uint8Array(width * height * channels)
  if (depth > 8) unpackColours(bytes, header, channels, pixels)
  else colourIndices(runLengths ? unpackRuns(bytes, header) : unpackIndices(bytes, header), header.palette, pixels)
  return { width, height, channels, pixels }
}

/** The bytes where each row begins, from the top. @throws Error where the file is too short for them. */
function rowStarts(bytes: Uint8Array, { width, height, depth, topDown, begin }: BmpHeader): (row: number) => number {
  const stride = Math.ceil((width * depth) / 32) * 4
  const needed = begin + stride * (height - 1) + Math.ceil((width * depth) / 8)
  if (bytes.length < needed) throw new Error(`broken: its data end after ${bytes.length} of ${needed} bytes`)
  return (row) => begin + stride * (topDown ? row : height - 1 - row)
}

function unpackIndices(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height, depth } = header
  const startOf = rowStarts(bytes, header)
  const indices = new Uint8Array(width * height)
  for (let row = 0, to = 0; row < height; row++)
    for (let x = 0, from = startOf(row); x < width; x++) {
      const bit = x * depth
      indices[to++] = (bytes[from + (bit >> 3)]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1)
    }
  return indices
}

/** Runs of one index, or of two in turn with 4 bits; what is passed over is of index 0. */
function unpackRuns(bytes: Uint8Array, { width, height, depth, topDown, begin }: BmpHeader): Uint8Array {
  const indices = new Uint8Array(width * height)
  const nibble = (byte: number, i: number): number => (depth === 8 ? byte : i % 2 === 0 ? byte >> 4 : byte & 15)
  let [x, row, at] = [0, 0, begin]
  const put = (index: number): void => {
    if (x < width && row < height) indices[(topDown ? row : height - 1 - row) * width + x] = index
    x++
  }
  while (row < height) {
    if (at + 2 > bytes.length) throw new Error(`broken: its data end after ${row} of ${height} rows`)
    const [count, code] = [bytes[at]!, bytes[at + 1]!]
    at += 2
    if (count > 0) for (let i = 0; i < count; i++) put(nibble(code, i))
    else if (code === 0) [x, row] = [0, row + 1]
    else if (code === 1) break
    else if (code === 2) {
      x += bytes[at] ?? 0
      row += bytes[at + 1] ?? 0
      at += 2
    } else {
      for (let i = 0; i < code; i++) put(nibble(bytes[at + (depth === 8 ? i : i >> 1)] ?? 0, i))
      at += 2 * Math.ceil((code * depth) / 16)
    }
  }
  return indices
}

function colourIndices(indices: Uint8Array, palette: Uint8Array, out: Uint8Array): void {
  for (let i = 0; i < indices.length; i++) {
    const from = 3 * indices[i]!
    if (from >= palette.length)
      throw new Error(`broken: a pixel of colour ${indices[i]} in a palette of ${palette.length / 3}`)
    for (let c = 0; c < 3; c++) out[3 * i + c] = palette[from + c]!
  }
}

/** 16, 24 or 32 bits a pixel, of which each colour has its own. */
function unpackColours(bytes: Uint8Array, header: BmpHeader, channels: 3 | 4, out: Uint8Array): void {
  const { width, height, depth, masks } = header
  const startOf = rowStarts(bytes, header)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const lowest = masks.map(lowestBit)
  const most = masks.map((mask, c) => (mask === 0 ? 1 : mask / lowest[c]!))
  let opaque = false
  for (let row = 0, to = 0; row < height; row++)
    for (let x = 0, from = startOf(row); x < width; x++, from += depth / 8) {
      const pixel =
        depth === 16
          ? view.getUint16(from, true)
          : bytes[from]! +
            256 * bytes[from + 1]! +
            65536 * bytes[from + 2]! +
            (depth === 32 ? 2 ** 24 * bytes[from + 3]! : 0)
      for (let c = 0; c < channels; c++)
        out[to++] = masks[c] === 0 ? 0 : Math.round((255 * (((pixel & masks[c]!) >>> 0) / lowest[c]!)) / most[c]!)
      opaque ||= channels === 4 && out[to - 1]! > 0
    }
  // a file without any transparency that is not 0 has none: browsers show it so
  if (channels === 4 && !opaque) for (let i = 3; i < out.length; i += 4) out[i] = 255
}
