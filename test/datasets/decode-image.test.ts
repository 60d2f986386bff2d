// Image files as a viewer shows them: files of every kind with the values they hold (checked against Pillow), and every way
// in which one is refused.

import { readFileSync } from 'node:fs'
import { encode } from 'fast-png'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeImage, isGrey, readHeader, type Target, toGrey } from '../../src/datasets/decode-image.ts'
import { checkGifData, crc32 } from '../../src/datasets/image-checks.ts'

const file = (name: string): Uint8Array => readFileSync(new URL(`./files/${name}`, import.meta.url))

/** Over 37, which lies under the transparent files' expected values. */
const decode = (bytes: Uint8Array, target: Partial<Target> = {}) =>
  decodeImage(bytes, { fit: 'pad', background: 37, ...target })

const complaint = async (act: Promise<unknown>): Promise<string> =>
  act.then(
    () => 'no error',
    (error: Error) => error.message,
  )

type Sample = { readonly x: number; readonly y: number; readonly colour: readonly number[] }

/** width, height, and the colours at a few places. */
const expected: Readonly<Record<string, readonly [number, number, ...Sample[]]>> = {
  'exif3.jpg': [34, 21, { x: 0, y: 0, colour: [235, 225, 68] }, { x: 10, y: 5, colour: [186, 168, 154] }],
  'exif6.jpg': [21, 34, { x: 0, y: 0, colour: [226, 0, 61] }, { x: 20, y: 20, colour: [2, 131, 66] }],
  'rgbids.jpg': [16, 16, { x: 0, y: 0, colour: [200, 40, 40] }],
  'adobe0.jpg': [16, 16, { x: 15, y: 15, colour: [200, 40, 40] }],
  'cmyk.jpg': [34, 21, { x: 0, y: 0, colour: [229, 15, 58] }, { x: 33, y: 20, colour: [26, 150, 175] }],
  'adam7bit1.png': [34, 21, { x: 0, y: 0, colour: [0, 0, 0] }, { x: 33, y: 20, colour: [255, 255, 255] }],
  'adam7pal2.png': [34, 21, { x: 0, y: 0, colour: [10, 20, 30] }, { x: 10, y: 10, colour: [200, 100, 50] }],
  'rgb16-key.png': [34, 21, { x: 0, y: 0, colour: [16, 217, 245] }, { x: 10, y: 10, colour: [37, 37, 37] }],
  'palette2-trns.png': [34, 21, { x: 0, y: 0, colour: [35, 127, 25] }, { x: 10, y: 10, colour: [42, 45, 36] }],
  'greyalpha16.png': [34, 21, { x: 0, y: 0, colour: [37, 37, 37] }, { x: 10, y: 10, colour: [82, 82, 82] }],
  'transparent.gif': [34, 21, { x: 0, y: 0, colour: [219, 146, 165] }, { x: 5, y: 5, colour: [37, 37, 37] }],
  'animated.gif': [34, 21, { x: 10, y: 10, colour: [98, 207, 94] }],
  'two-pages.tif': [34, 21, { x: 10, y: 10, colour: [175, 115, 130] }],
  'lossless.webp': [34, 21, { x: 33, y: 20, colour: [37, 215, 252] }],
  'lossless.avif': [34, 21, { x: 10, y: 10, colour: [174, 116, 130] }],
}

for (const [name, [width, height, ...samples]] of Object.entries(expected))
  test(`${name} is decoded as it is shown`, async () => {
    const image = await decode(file(name))
    assert.equal([image.width, image.height, image.pixels.length], [width, height, 3 * width * height])
    const header = await readHeader(file(name))
    assert.equal([header.width, header.height], [width, height])
    for (const { x, y, colour } of samples) {
      const found = [...image.pixels.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)]
      const far = Math.max(...found.map((value, c) => Math.abs(value - colour[c]!)))
      assert.ok(far <= 2, `${name} at ${x}, ${y}: ${found}, expected ${colour}`)
    }
  })

test('what is half transparent is half the background', async () => {
  // 128 / 255 of 200 over 37: 37 + 0.50196 * 163 = 118.8; none of 50
  const glass = encode({ width: 2, height: 1, channels: 2, data: Uint8Array.of(200, 128, 50, 0) })
  const { pixels } = await decode(glass)
  assert.ok(Math.abs(pixels[0]! - 118.8) <= 1)
  assert.equal([...pixels.subarray(1)], [pixels[0], pixels[0], 37, 37, 37])
})

test('an image is padded, cut or stretched to a size', async () => {
  // 4x2, black to the left and white to the right
  const halves = encode({ width: 4, height: 2, channels: 1, data: Uint8Array.of(0, 0, 255, 255, 0, 0, 255, 255) })
  const column = async (fit: Target['fit']): Promise<number[]> => {
    const { pixels } = await decode(halves, { fit, size: { width: 4, height: 4 } })
    return [0, 1, 2, 3].map((y) => pixels[3 * 4 * y]!)
  }
  assert.equal(await column('pad'), [37, 0, 0, 37])
  assert.equal(await column('stretch'), [0, 0, 0, 0])
  const cut = await decode(halves, { fit: 'crop', size: { width: 2, height: 2 } })
  assert.equal(
    [...cut.pixels].filter((_, i) => i % 3 === 0),
    [0, 255, 0, 255],
  )
})

test('grey is told from colour, and colour turned into its luma', () => {
  assert.is(isGrey(Uint8Array.of(7, 7, 7, 9, 9, 9)), true)
  assert.is(isGrey(Uint8Array.of(7, 7, 7, 9, 9, 8)), false)
  // 0.299 * 200 + 0.587 * 100 + 0.114 * 50 = 124.2
  assert.equal([...toGrey(Uint8Array.of(200, 100, 50, 255, 255, 255))], [124, 255])
})

/** A PNG's header that promises so many pixels. */
function promise(width: number, height: number): Uint8Array {
  const bytes = encode({ width: 1, height: 1, channels: 1, data: Uint8Array.of(0) })
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(16, width)
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(20, height)
  return bytes
}

test('a huge image is refused by its header, with its size and the limit', async () => {
  await readHeader(file('short.png')) // what is loaded when it is first needed takes no part in the time
  const began = performance.now()
  const limit = 'pixels are more than the limit of 50 million; make it smaller first'
  assert.is(await complaint(decode(promise(30000, 30000))), `30000x30000 ${limit}`)
  assert.is(await complaint(decode(file('wide2.png'))), `2000000000x2 ${limit}`)
  assert.is(await complaint(readHeader(file('b10000.jpg'))), `9900x10000 ${limit}`)
  assert.ok(performance.now() - began < 200)
})

test('a small TIFF that claims to be huge is refused before memory is taken for it', async () => {
  // tag and value: width, height, bits, no compression, black is 0, where, samples, rows, how many bytes
  const tags = { 256: 6000, 257: 7000, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 7000, 279: 100 }
  const entries = Object.entries(tags).map(([tag, value]) => {
    const entry = Buffer.alloc(12)
    entry.writeUInt16LE(Number(tag), 0)
    entry.writeUInt16LE(4, 2)
    entry.writeUInt32LE(1, 4)
    entry.writeUInt32LE(value, 8)
    return entry
  })
  const small = Buffer.concat([Buffer.from('II*\0\x08\0\0\0\x09\0', 'latin1'), ...entries, Buffer.alloc(200)])
  assert.is(await complaint(decode(small)), `broken: ${small.length} bytes cannot hold 6000x7000 pixels`)
})

test('images without pixels, and those whose pixels end early, are refused', async () => {
  assert.is(await complaint(decode(file('zero.png'))), '0x5 pixels: a side of 0')
  assert.is(await complaint(decode(file('short.png'))), 'broken: its data are damaged or end early')
  assert.match(await complaint(decode(file('exif6.jpg').subarray(0, 1000))), /^broken: /)
  assert.match(await complaint(decode(file('lossless.webp').subarray(0, 300))), /./)
  assert.match(await complaint(decode(file('ended-early.gif'))), /^broken: its data end after \d+ of 714 pixels$/)
})

test("a GIF's pixels are counted", () => {
  const bytes = file('animated.gif').slice()
  checkGifData(bytes)
  // its first image says that it is 34x21; with a row more, 34 pixels are missing
  const height = Buffer.from(bytes).indexOf(Uint8Array.of(0x2c, 0, 0, 0, 0, 34, 0, 21, 0)) + 7
  bytes[height] = 22
  assert.throws(() => checkGifData(bytes), /^broken: its data end after 714 of 748 pixels$/)
  assert.throws(() => checkGifData(bytes.subarray(0, 13)), /^broken: a GIF without an image$/)
})

test('a chunk of a PNG that does not match its checksum is named', async () => {
  assert.is(await complaint(decode(file('wrong-checksum.png'))), 'broken: its chunk "eXIf" does not match its checksum')
})

test("the checksum of PNG's chunks is that of its specification", () => {
  assert.is(crc32(Buffer.from('123456789')), 0xcbf43926)
  // every PNG ends in a chunk without data, IEND, and this
  assert.is(crc32(Buffer.from('IEND')), 0xae426082)
})

test('files that are no images, or of kinds that are not read, are named', async () => {
  const text = (content: string): Uint8Array => Buffer.from(content, 'latin1')
  assert.is(await complaint(decode(new Uint8Array(0))), 'the file is empty')
  assert.is(
    await complaint(decode(text('hello, I am text'))),
    'not an image that is read: PNG, JPEG, WebP, GIF, BMP, TIFF and AVIF are',
  )
  assert.is(await complaint(decode(text('....ftypheic....mif1heic'))), 'HEIC is not read; convert it to PNG')
  assert.is(
    await complaint(decode(text('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>'))),
    'svg is not read; convert it to PNG',
  )
  assert.match(
    await complaint(decode(file('float.tif'))),
    /its pixels are of type float; only whole numbers of 8 or 16/,
  )
})

test.run()
