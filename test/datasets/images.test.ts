// Folders of images of one's own: what decodes to what, and every way in which a folder can be wrong.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { encode as encodePng } from 'fast-png'
import { encode as encodeJpeg } from 'jpeg-js'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { UserError } from '../../src/core/errors.ts'
import { decodeImage, resizeByArea } from '../../src/datasets/decode-image.ts'
import { type ImageFolderOptions, loadImageFolder } from '../../src/datasets/images.ts'

const scratch = mkdtempSync(join(tmpdir(), 'saccade-images-'))
test.after(() => rmSync(scratch, { recursive: true }))

/** A PNG of one colour. */
const flat = (side: number, ...colour: number[]): Uint8Array => {
  const data = Uint8Array.from({ length: side * side * colour.length }, (_, i) => colour[i % colour.length]!)
  return encodePng({ width: side, height: side, data, channels: colour.length })
}

function folder(files: Record<string, Uint8Array>): string {
  const root = mkdtempSync(join(scratch, 'folder-'))
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    if (!path.endsWith('/')) writeFileSync(join(root, path), bytes)
  }
  return root
}

const nothing = new Uint8Array(0)

const load = (files: Record<string, Uint8Array>, options: Partial<ImageFolderOptions> = {}) =>
  loadImageFolder(folder(files), { channels: 1, side: 0, skipBroken: false, ...options })

const complaint = (act: () => unknown): string => {
  try {
    act()
    return 'no error'
  } catch (error) {
    assert.instance(error, UserError)
    assert.not.ok((error as Error).message.includes('\n'))
    return (error as Error).message
  }
}

test('classes are the folders, sorted, and images follow them in the order of their names', () => {
  const set = load({
    'b/2.png': flat(1, 20),
    'b/1.PNG': flat(1, 10),
    'a/9.png': flat(1, 30),
    'a/notes.txt': nothing,
    '.hidden/x.png': flat(1, 1),
  })
  assert.equal(set.classNames, ['a', 'b'])
  assert.equal([...set.images], [30, 10, 20])
  assert.equal([...set.labels], [0, 1, 1])
  assert.equal([set.height, set.width, set.channels, set.testFrom], [1, 1, 1, 3])
  assert.instance(set.images.buffer, SharedArrayBuffer)
})

test('train and test folders are kept apart', () => {
  const set = load({
    'train/a/1.png': flat(1, 1),
    'train/b/1.png': flat(1, 2),
    'test/a/1.png': flat(1, 3),
    'test/b/1.png': flat(1, 4),
  })
  assert.equal([...set.images], [1, 2, 3, 4])
  assert.equal([...set.labels], [0, 1, 0, 1])
  assert.is(set.testFrom, 2)
})

test('grey and colour, PNG and JPEG come out as they went in', () => {
  const set = load({ 'a/1.png': flat(2, 7), 'b/1.png': flat(2, 1, 2, 3) }, { channels: 3 })
  assert.equal([...set.images], [...new Array(12).fill(7), 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3])
  const data = new Uint8Array(16 * 16 * 4).fill(200)
  const jpeg = decodeImage(encodeJpeg({ width: 16, height: 16, data }, 100).data)
  assert.equal([jpeg.height, jpeg.width, jpeg.channels], [16, 16, 1])
  assert.ok(jpeg.pixels.every((value) => Math.abs(value - 200) <= 1))
})

test('an image without colour is grey, however many channels its file has', () => {
  assert.equal({ ...decodeImage(flat(1, 9, 9, 9)) }, { pixels: Uint8Array.of(9), height: 1, width: 1, channels: 1 })
})

test('16 bits are reduced to 8, and what is transparent is laid over black', () => {
  const deep = encodePng({ width: 2, height: 1, depth: 16, channels: 1, data: Uint16Array.of(65535, 257 * 100) })
  assert.equal([...decodeImage(deep).pixels], [255, 100])
  // half of 200 (128 / 255 of it, 100.4) and none of 50
  const glass = encodePng({ width: 2, height: 1, channels: 2, data: Uint8Array.of(200, 128, 50, 0) })
  assert.equal([...decodeImage(glass).pixels], [100, 0])
})

test('palettes and single bits are unpacked', () => {
  // a PNG of 2x1 pixels, colours 1 and 0 of the palette 0 0 0, 255 0 9
  assert.equal([...decodeImage(Buffer.from(palettePng, 'base64')).pixels], [255, 0, 9, 0, 0, 0])
  // a PNG of 3x2 single bits, rows 101 and 010
  assert.equal([...decodeImage(Buffer.from(bitPng, 'base64')).pixels], [255, 0, 255, 0, 255, 0])
})

const palettePng =
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAMAAADD/I+4AAAABlBMVEUAAAD/AAliIzWGAAAAC0lEQVR4nGNgZAAAAAUAAtFmM3gAAAAASUVORK5CYII='
const bitPng = 'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACAQAAAAC1D1u3AAAADElEQVR4nGNYwOAAAAIkAOFz6zvyAAAAAElFTkSuQmCC'

test('images are resized by area averaging', () => {
  // 3x2 pixels 0 30 60 / 90 120 150 to 1x1: the mean, 75
  const image = { pixels: Uint8Array.of(0, 30, 60, 90, 120, 150), height: 2, width: 3, channels: 1 as const }
  assert.equal([...resizeByArea(image, 1).pixels], [75])
  // to 2x2: columns 0 ... 1.5 and 1.5 ... 3: (0 + 15) / 1.5 = 10, (15 + 60) / 1.5 = 50, and 90 more below
  assert.equal([...resizeByArea(image, 2).pixels], [10, 50, 100, 140])
})

test('with a side, images of all sizes are welcome', () => {
  const set = load({ 'a/1.png': flat(3, 50), 'b/1.png': flat(7, 60) }, { side: 2 })
  assert.equal([...set.images], [50, 50, 50, 50, 60, 60, 60, 60])
})

test('a folder that is missing, unnamed, or holds no classes is told so', () => {
  const options = { channels: 1, side: 0, skipBroken: false }
  assert.match(
    complaint(() => loadImageFolder('', options)),
    /^Images: set the option data/,
  )
  assert.match(
    complaint(() => loadImageFolder(join(scratch, 'nowhere'), options)),
    /cannot read directory .*nowhere: ENOENT/,
  )
  assert.match(
    complaint(() => load({ 'a/1.png': flat(1, 1) })),
    /has 1 class folders \(a\); at least 2 are needed/,
  )
})

test('an empty class is named', () => {
  const files = { 'a/1.png': flat(1, 1), 'b/1.png': flat(1, 1), 'empty/readme.txt': nothing }
  assert.match(
    complaint(() => load(files)),
    /^Images: class empty in .* has no usable PNG or JPEG file/,
  )
})

test('a test class that training lacks is named', () => {
  const files = { 'train/a/1.png': flat(1, 1), 'train/b/1.png': flat(1, 1), 'test/c/1.png': flat(1, 1) }
  assert.match(
    complaint(() => load(files)),
    /test\/c has no counterpart in .*train; the classes must agree/,
  )
})

test('a broken file is named, with what is wrong with it', () => {
  const sound = { 'a/1.png': flat(4, 1), 'b/1.png': flat(4, 2) }
  const truncated = flat(4, 1).subarray(0, 40)
  assert.match(
    complaint(() => load({ ...sound, 'b/2.png': truncated })),
    /b\/2\.png: .+; or leave such files out with the option skipBroken/,
  )
  assert.match(
    complaint(() => load({ ...sound, 'b/2.jpg': Uint8Array.of(0xff, 0xd8, 0xff, 0) })),
    /b\/2\.jpg: .+/,
  )
  assert.match(
    complaint(() => load({ ...sound, 'b/2.jpg': nothing })),
    /b\/2\.jpg: the file is empty/,
  )
  assert.match(
    complaint(() => load({ ...sound, 'b/2.jpg': Uint8Array.of(1, 2, 3) })),
    /b\/2\.jpg: neither PNG nor JPEG/,
  )
})

test('mixed sizes and colour among grey are named', () => {
  const sound = { 'a/1.png': flat(4, 1), 'b/1.png': flat(4, 2) }
  assert.match(
    complaint(() => load({ ...sound, 'b/2.png': flat(5, 1) })),
    /b\/2\.png: 5x5 pixels, but .*a\/1\.png has 4x4; all must have one size: set the option side to resize them/,
  )
  assert.match(
    complaint(() => load({ ...sound, 'b/2.png': flat(4, 1, 2, 3) })),
    /b\/2\.png: a colour image where grey is expected; set the option channels to 3/,
  )
})

test('with skipBroken, what cannot be used is counted and left out', () => {
  const warnings: string[] = []
  const warn = console.warn
  console.warn = (text: string) => warnings.push(text)
  try {
    const set = load(
      { 'a/1.png': nothing, 'a/2.png': flat(2, 1), 'b/1.png': flat(3, 2), 'b/2.png': flat(2, 3) },
      { skipBroken: true },
    )
    assert.equal([...set.images], [1, 1, 1, 1, 3, 3, 3, 3])
    assert.equal([...set.labels], [0, 1])
  } finally {
    console.warn = warn
  }
  assert.is(warnings.length, 1)
  assert.match(
    warnings[0]!,
    /^Images: left out 2 of 4 files in .*a\/1\.png: the file is empty; .*b\/1\.png: 3x3 pixels, but/,
  )
})

test.run()
