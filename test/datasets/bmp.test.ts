// BMP files, made byte by byte: every depth and packing with the pixels it holds, and every way in which one is refused.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBmp, readBmpHeader } from '../../src/datasets/bmp.ts'
import { decodeImage, readHeader } from '../../src/datasets/decode-image.ts'

type Bmp = {
  readonly width: number
  /** Below 0 where the first row is the top one. */
  readonly height: number
  readonly depth: number
  readonly compression?: number
  /** Behind the header. */
  readonly masks?: readonly number[]
  readonly palette?: readonly (readonly [number, number, number])[]
  readonly data: readonly number[]
  /** Bytes of the header behind the file's own; 12 is that of OS/2. */
  readonly length?: number
}

function bmp({ width, height, depth, compression = 0, masks = [], palette = [], data, length = 40 }: Bmp): Uint8Array {
  const behind = length === 40 ? 4 * masks.length : 0
  const entry = length === 12 ? 3 : 4
  const begin = 14 + length + behind + entry * palette.length
  const bytes = new Uint8Array(begin + data.length)
  const view = new DataView(bytes.buffer)
  bytes.set([0x42, 0x4d])
  view.setUint32(10, begin, true)
  view.setUint32(14, length, true)
  if (length === 12)
    for (const [i, value] of [width, height, 1, depth].entries()) view.setUint16(18 + 2 * i, value, true)
  else {
    view.setInt32(18, width, true)
    view.setInt32(22, height, true)
    view.setUint16(28, depth, true)
    view.setUint32(30, compression, true)
    view.setUint32(46, palette.length, true)
    for (const [i, mask] of masks.entries()) view.setUint32(54 + 4 * i, mask, true)
  }
  for (const [i, [r, g, b]] of palette.entries()) bytes.set([b, g, r], 14 + length + behind + entry * i)
  bytes.set(data, begin)
  return bytes
}

const pixelsOf = (file: Bmp): number[] => {
  const bytes = bmp(file)
  return [...decodeBmp(bytes, readBmpHeader(bytes)).pixels]
}

const sixteen = Array.from({ length: 16 }, (_, i) => [i, 2 * i, 3 * i] as const)
const indicesOf = (file: Omit<Bmp, 'palette'>): number[] =>
  pixelsOf({ ...file, palette: sixteen }).filter((_, i) => i % 3 === 0)

const [white, red, black] = [[255, 255, 255] as const, [200, 10, 20] as const, [0, 0, 0] as const]

test('24 bits are blue, green and red, the bottom row first, each row to a multiple of four bytes', () => {
  // 1 pixel is 3 bytes and one of padding
  const data = [1, 2, 3, 0, 4, 5, 6, 0]
  assert.equal(pixelsOf({ width: 1, height: 2, depth: 24, data }), [6, 5, 4, 3, 2, 1])
  assert.equal(pixelsOf({ width: 1, height: -2, depth: 24, data }), [3, 2, 1, 6, 5, 4])
  assert.equal(pixelsOf({ width: 1, height: 2, depth: 24, data, length: 12 }), [6, 5, 4, 3, 2, 1])
})

test('1, 4 and 8 bits are places in a palette, the highest bits first', () => {
  // 1010 0000, 01
  const bits = [0xa0, 0x40, 0, 0]
  const row = pixelsOf({ width: 10, height: 1, depth: 1, palette: [black, red], data: bits })
  assert.equal(
    row.filter((_, i) => i % 3 === 0).map((value) => value / 200),
    [1, 0, 1, 0, 0, 0, 0, 0, 0, 1],
  )
  assert.equal(indicesOf({ width: 3, height: 1, depth: 4, data: [0x5f, 0x10, 0, 0] }), [5, 15, 1])
  assert.equal(pixelsOf({ width: 2, height: 1, depth: 8, palette: sixteen, data: [3, 7, 0, 0] }), [3, 6, 9, 7, 14, 21])
  assert.equal(pixelsOf({ width: 1, height: 1, depth: 8, palette: [red], data: [0, 0, 0, 0], length: 12 }), red)
})

test('16 bits are five a colour, or as the masks say', () => {
  // red 31, green 16 (16 / 31 of 255 is 131.6), blue 1 (8.2)
  const value = (31 << 10) | (16 << 5) | 1
  const little = [value & 255, value >> 8, 0, 0]
  assert.equal(pixelsOf({ width: 1, height: 1, depth: 16, data: little }), [255, 132, 8])
  // 5, 6 and 5 bits: green 32 of 63 is 129.5
  const [sixth, masks] = [(31 << 11) | (32 << 5) | 1, [0xf800, 0x7e0, 0x1f]]
  const data = [sixth & 255, sixth >> 8, 0, 0]
  assert.equal(pixelsOf({ width: 1, height: 1, depth: 16, compression: 3, masks, data }), [255, 130, 8])
})

test('32 bits have a transparency only where a mask gives them one, and some pixel is not wholly transparent', async () => {
  const data = [30, 20, 10, 128, 30, 20, 10, 0]
  assert.equal(pixelsOf({ width: 2, height: 1, depth: 32, data }), [10, 20, 30, 10, 20, 30])
  const file = {
    width: 2,
    height: 1,
    depth: 32,
    compression: 3,
    masks: [0xff0000, 0xff00, 0xff, 0xff000000],
    length: 124,
  }
  assert.equal(pixelsOf({ ...file, data }), [10, 20, 30, 128, 10, 20, 30, 0])
  const clear = [30, 20, 10, 0, 30, 20, 10, 0]
  assert.equal(pixelsOf({ ...file, data: clear }), [10, 20, 30, 255, 10, 20, 30, 255])
  const { pixels } = await decodeImage(bmp({ ...file, data }), { fit: 'pad', background: 100 })
  // 128 / 255 of 10 over 100: 54.8
  assert.ok(Math.abs(pixels[0]! - 54.8) <= 1)
  assert.equal([...pixels.subarray(3)], [100, 100, 100])
})

test("runs of bytes and of half bytes are those of the format's own example", () => {
  const data8 = [3, 4, 5, 6, 0, 3, 0xa, 0xb, 0xc, 0, 2, 8, 0, 2, 5, 1, 2, 8, 0, 0, 9, 0xe, 0, 1]
  const rows = (indices: readonly number[], width: number): number[][] =>
    Array.from({ length: indices.length / width }, (_, row) => indices.slice(row * width, (row + 1) * width)).reverse()
  const eight = rows(indicesOf({ width: 20, height: 3, depth: 8, compression: 1, data: data8 }), 20)
  const fill = (values: readonly number[], before = 0): number[] =>
    [...new Array(before).fill(0), ...values, ...new Array(20).fill(0)].slice(0, 20)
  assert.equal(eight, [
    fill([4, 4, 4, 6, 6, 6, 6, 6, 0xa, 0xb, 0xc, 8, 8]),
    fill([8, 8], 18),
    fill(new Array(9).fill(0xe)),
  ])
  const data4 = [3, 4, 5, 6, 0, 6, 0x45, 0x56, 0x67, 0, 4, 0x78, 0, 2, 1, 1, 1, 0x78, 0, 0, 9, 0x1e, 0, 1]
  const four = rows(indicesOf({ width: 20, height: -3, depth: 4, compression: 2, data: data4 }), 20).reverse()
  assert.equal(four, [
    fill([0, 4, 0, 0, 6, 0, 6, 0, 4, 5, 5, 6, 6, 7, 7, 8, 7, 8]),
    fill([7], 19),
    fill([1, 0xe, 1, 0xe, 1, 0xe, 1, 0xe, 1]),
  ])
})

test('a BMP is grey where its palette is', async () => {
  const file = { width: 1, height: 1, depth: 8, data: [0, 0, 0, 0] }
  assert.equal(await readHeader(bmp({ ...file, palette: [white, black] })), { width: 1, height: 1, grey: true })
  assert.equal((await readHeader(bmp({ ...file, palette: [white, red] }))).grey, false)
})

test('what is damaged, too large or of another kind is refused, in words', async () => {
  const complaint = async (file: Uint8Array): Promise<string> =>
    decodeImage(file, { fit: 'pad', background: 0 }).then(
      () => 'no error',
      (error: Error) => error.message,
    )
  const file = { width: 2, height: 2, depth: 24, data: [1, 2, 3, 4, 5, 6, 0, 0, 1, 2, 3, 4, 5, 6, 0, 0] }
  const whole = bmp(file)
  assert.is(await complaint(whole), 'no error')
  assert.is(await complaint(whole.subarray(0, 62)), 'broken: its data end after 62 of 68 bytes')
  assert.is(await complaint(whole.subarray(0, 30)), 'broken: a BMP with a damaged header')
  assert.is(await complaint(bmp({ ...file, depth: 5 })), 'broken: a BMP with a damaged header')
  assert.is(await complaint(bmp({ ...file, width: 0 })), '0x2 pixels: a side of 0')
  assert.match(
    await complaint(bmp({ ...file, width: 30_000, height: -30_000 })),
    /^30000x30000 pixels are more than the limit/,
  )
  assert.is(
    await complaint(bmp({ ...file, compression: 4 })),
    'a BMP of 24 bits with compression 4 is not read; convert it to PNG',
  )
  const mapped = { width: 1, height: 1, depth: 8, data: [2, 0, 0, 0] }
  assert.is(await complaint(bmp({ ...mapped, palette: [white, red] })), 'broken: a pixel of colour 2 in a palette of 2')
  assert.is(
    await complaint(bmp({ ...mapped, compression: 1, palette: [red], data: [1, 0, 0] })),
    'broken: its data end after 0 of 1 rows',
  )
  assert.is(
    await complaint(bmp({ ...mapped, width: 5000, height: 9000, compression: 1, palette: [red], data: [0, 1] })),
    'broken: 60 bytes for 5000x9000 pixels',
  )
  assert.is(
    await complaint(bmp({ width: 1, height: 1, depth: 16, compression: 3, masks: [0xf0f0, 1, 2], data: [0, 0, 0, 0] })),
    'broken: a BMP with a damaged header',
  )
})

test.run()
