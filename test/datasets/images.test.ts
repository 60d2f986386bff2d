// Folders of images of one's own: which files are read as what, what is told of the others, and when that is an error.

import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { encode } from 'fast-png'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { UserError } from '../../src/core/errors.ts'
import { parseOptions } from '../../src/core/options.ts'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { decodeFiles } from '../../src/datasets/decode-files.ts'
import { fingerprintOf } from '../../src/datasets/fingerprint.ts'
import { listImageFiles } from '../../src/datasets/image-files.ts'
import { commonSize } from '../../src/datasets/image-size.ts'
import { type ImageFolderOptions, imageFolderDefaults, loadImageFolder } from '../../src/datasets/images.ts'
import { selectSplit } from '../../src/datasets/part.ts'
import { imagesOf, readImages } from '../../src/datasets/read-images.ts'
import { cutDataset, splits } from '../../src/datasets/split.ts'
import { classification, classificationOptions } from '../../src/env/worlds/image-scenes.ts'

const scratch = mkdtempSync(join(tmpdir(), 'saccade-images-'))
test.after(() => rmSync(scratch, { recursive: true }))

/** A PNG of one colour. */
const flat = (side: number, ...colour: number[]): Uint8Array => {
  const data = Uint8Array.from({ length: side * side * colour.length }, (_, i) => colour[i % colour.length]!)
  return encode({ width: side, height: side, data, channels: colour.length })
}

const stored = (name: string): Uint8Array => readFileSync(new URL(`./files/${name}`, import.meta.url))

type Files = Readonly<Record<string, Uint8Array>>

function folder(files: Files): string {
  const root = mkdtempSync(join(scratch, 'folder-'))
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(path.endsWith('/') ? join(root, path) : dirname(join(root, path)), { recursive: true })
    if (!path.endsWith('/')) writeFileSync(join(root, path), bytes)
  }
  return root
}

const nothing = new Uint8Array(0)

/** Load a folder. The files are decoded in this process: one of its own for each would take most of the time. */
async function load(files: Files, given: Partial<ImageFolderOptions> = {}, memory = Infinity): Promise<Dataset> {
  const root = folder(files)
  const { parts } = listImageFiles(root)
  const paths = splits.flatMap((split) => parts[split] ?? []).map(({ path }) => path)
  const options = { ...imageFolderDefaults, ...given }
  const output = openSync(join(root, '.pixels'), 'w+')
  const answer = await decodeFiles({ ...options, files: paths, folder: root, room: Infinity }, output)
  return loadImageFolder(root, given, () => imagesOf(answer, options, output, memory))
}

async function complaint(act: () => unknown): Promise<string> {
  try {
    await act()
    return 'no error'
  } catch (error) {
    assert.instance(error, UserError)
    assert.not.ok((error as Error).message.includes('\n'))
    return (error as Error).message
  }
}

/** As many PNGs of a class. */
const many = (name: string, count: number, value: number): Files =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}/${100 + i}.png`, flat(2, value)]))

test('classes are the folders, sorted, and images follow them in the order of their names', async () => {
  const set = await load({
    'b/2.png': flat(1, 20),
    'b/1.PNG': flat(1, 10),
    'a/9.png': flat(1, 30),
    'a/notes.txt': nothing,
    '.hidden/x.png': flat(1, 1),
    '__MACOSX/._9.png': nothing,
  })
  assert.equal(set.classNames, ['a', 'b'])
  assert.equal([...set.images], [30, 10, 20])
  assert.equal([...set.labels], [0, 1, 1])
  assert.equal([set.height, set.width, set.channels, set.testFrom], [1, 1, 1, 3])
  assert.instance(set.images.buffer, SharedArrayBuffer)
  assert.equal(set.notes, ['not images: 1 .txt'])
})

test('parts are found by their usual names, in any case, and kept apart', async () => {
  for (const [train, validation, own] of [
    ['train', 'val', 'test'],
    ['Training', 'VALID', 'testing'],
  ]) {
    const { parts, classNames } = listImageFiles(
      folder({
        [`${train}/a/1.png`]: nothing,
        [`${train}/b/1.png`]: nothing,
        [`${validation}/a/2.png`]: nothing,
        [`${own}/b/3.png`]: nothing,
        'extras/': nothing,
      }),
    )
    assert.equal(classNames, ['a', 'b'])
    assert.equal(
      [parts.train, parts.validation, parts.test].map((files) => files!.map(({ identity }) => identity)),
      [['a/1.png', 'b/1.png'], ['a/2.png'], ['b/3.png']],
    )
  }
})

test('what lies in the folders of the parts is the parts', async () => {
  const set = await load({
    ...many('train/a', 3, 1),
    ...many('train/b', 3, 2),
    'Test/a/1.png': flat(2, 3),
    'Test/b/1.png': flat(2, 4),
    'validation/b/1.png': flat(2, 5),
  })
  assert.equal(
    [...set.images].filter((_, i) => i % 4 === 0),
    [1, 1, 1, 2, 2, 2, 5, 3, 4],
  )
  assert.equal([set.validationFrom, set.testFrom], [6, 7])
  const parts = cutDataset(set)
  assert.equal([[...parts.validation], [...parts.test].sort()], [[6], [7, 8]])
})

test('folders within classes and links are read, and what else there is is told', async () => {
  const elsewhere = folder({ 'x.png': flat(1, 1) })
  const root = folder({
    'a/1.png': flat(1, 1),
    'a/deep/deeper/2.png': flat(1, 2),
    'b/1.png': flat(1, 3),
    'labels.csv': nothing,
    'b/Thumbs.db': nothing,
  })
  symlinkSync(elsewhere, join(root, 'b', 'linked'))
  symlinkSync('..', join(root, 'b', 'round'))
  symlinkSync('nowhere', join(root, 'b', 'lost.png'))
  const { parts, notes } = listImageFiles(root)
  const identities = parts.train!.map(({ identity }) => identity)
  assert.equal(identities.slice(0, 3), ['a/1.png', 'a/deep/deeper/2.png', 'b/1.png'])
  assert.ok(identities.includes('b/linked/x.png'))
  const told = notes.join('\n')
  assert.match(told, /1 file beside the folders, not read: labels\.csv/)
  assert.match(told, /is a link to a folder that it is in, and is not followed/)
  assert.match(told, /images in folders within the classes' are read too/)
  assert.match(told, /not images: .*\.db, .*links to nothing/)
})

test('grey stays grey where all images are; one of colour makes all RGB, unless grey is asked for', async () => {
  const files = { 'a/1.png': flat(2, 7), 'b/1.png': flat(2, 200, 100, 50) }
  const colour = await load(files)
  assert.is(colour.channels, 3)
  assert.equal([...colour.images.subarray(9, 15)], [7, 7, 7, 200, 100, 50])
  const grey = await load(files, { channels: 1 })
  assert.equal([grey.channels, ...grey.images], [1, 7, 7, 7, 7, 124, 124, 124, 124])
  // three channels in the file, and no colour in them
  assert.is((await load({ 'a/1.png': flat(2, 9, 9, 9), 'b/1.png': flat(2, 7) })).channels, 1)
  const spread = await load({ 'a/1.png': flat(1, 9), 'b/1.png': flat(1, 7) }, { channels: 3 })
  assert.equal([...spread.images], [9, 9, 9, 7, 7, 7])
})

test('images are upright before they are of one size', async () => {
  const set = await load({ 'a/1.jpg': stored('exif6.jpg'), 'b/1.jpg': stored('exif6.jpg') })
  assert.equal([set.width, set.height, set.channels], [21, 34, 3])
  assert.equal(set.notes, [])
})

test('the size is that of all, or the median, or the side that is asked for', async () => {
  const sizes = (...sides: [number, number][]) => sides.map(([width, height]) => ({ width, height }))
  assert.equal(commonSize(sizes([5, 9], [5, 9]), 0), { width: 5, height: 9 })
  assert.equal(commonSize(sizes([10, 40], [20, 30], [90, 20]), 0), { width: 20, height: 30 })
  assert.equal(commonSize(sizes([10, 40], [20, 30]), 8), { width: 8, height: 8 })
  // 4000x3000 is too much to begin with: 256 along the longer side
  assert.equal(commonSize(sizes([4000, 3000], [4000, 3000], [4000, 2000]), 0), { width: 256, height: 192 })
  assert.equal(commonSize([], 0), { width: 0, height: 0 })
})

test('images of different sizes are brought to one, and that is told', async () => {
  const files = { 'a/1.png': flat(4, 50), 'b/1.png': flat(6, 60), 'b/2.png': flat(6, 60) }
  const set = await load(files)
  assert.equal([set.width, set.height], [6, 6])
  assert.ok(set.images.every((value, i) => value === (i < 36 ? 50 : 60)))
  assert.equal(set.notes, [
    'images of 4x4 to 6x6 are brought to 6x6, the median width and height, kept whole on the background (change it with --side and --fit)',
  ])
  const small = await load(files, { side: 2, fit: 'stretch' })
  assert.equal([small.width, small.height, ...small.images], [2, 2, ...new Array(4).fill(50), ...new Array(8).fill(60)])
  assert.match(small.notes!.join(), /are brought to 2x2, stretched to it/)
})

test('a few broken files are left out and told, by reason', async () => {
  const set = await load({
    ...many('a', 12, 1),
    ...many('b', 12, 2),
    'a/short.png': stored('short.png'),
    'b/old.bmp': Buffer.from('BM12345'),
  })
  assert.is(set.labels.length, 24)
  assert.match(
    set.notes![0]!,
    /^left out 2 of 26 images: .*a\/short\.png: broken: its data are damaged or end early; .*b\/old\.bmp: broken: a BMP with a damaged header$/,
  )
})

test('more than a tenth of broken files, or a class without an image, is an error, unless it is asked for', async () => {
  const tenth = { ...many('a', 5, 1), ...many('b', 3, 2), 'a/bad.png': nothing }
  assert.match(
    await complaint(() => load(tenth)),
    /^Images: 1 of 9 images in .* cannot be used, more than a tenth: .*a\/bad\.png: the file is empty; mend or remove .*--skip-broken/,
  )
  assert.is((await load(tenth, { skipBroken: true })).labels.length, 8)
  const classless = { ...many('a', 5, 1), ...many('b', 5, 2), 'docs/readme.txt': nothing }
  assert.match(
    await complaint(() => load(classless)),
    /^Images: class docs in .* has no usable image \(PNG, JPEG, WebP, GIF, BMP, TIFF and AVIF\); mend or remove/,
  )
  const set = await load(classless, { skipBroken: true })
  assert.equal([set.classNames, set.notes![0]], [['a', 'b'], 'left out 1 class without a usable image: docs'])
})

test("a part's folder without a usable image is an error: its images would be taken from those for training", async () => {
  const files = { ...many('train/a', 12, 1), ...many('train/b', 12, 2), 'test/a/1.png': nothing }
  assert.match(await complaint(() => load(files)), /^Images: the folder for test in .* has no usable image$/)
})

test('a folder that is missing, unnamed, or holds no classes is told so', async () => {
  const list = (files: Files): Promise<string> => complaint(() => listImageFiles(folder(files)))
  assert.match(await complaint(() => listImageFiles('')), /^Images: set the option data/)
  assert.match(
    await complaint(() => listImageFiles(join(scratch, 'nowhere'))),
    /cannot read directory .*nowhere: ENOENT/,
  )
  assert.match(await list({ 'a/1.png': nothing }), /has 1 class folders \(a\); at least 2 are needed/)
  assert.match(
    await list({ 'train/a/1.png': nothing, 'train/b/1.png': nothing, 'test/c/1.png': nothing }),
    /test\/c has no counterpart for training; the classes must agree/,
  )
  assert.match(
    await list({ 'train/a/1.png': nothing, 'val/a/': nothing, 'valid/a/': nothing }),
    /two folders for validation, val and valid/,
  )
})

test('the process that reads refuses, from their headers, images that would not fit on the disk', async () => {
  const root = folder({ 'a/1.png': flat(100, 1), 'a/2.png': flat(100, 1) })
  const files = ['1.png', '2.png'].map((name) => join(root, 'a', name))
  const options = { channels: 1, side: 0, fit: 'pad', background: 0 } as const
  assert.match(
    await complaint(() => readImages(files, options, { disk: 15_000 })),
    /^2 images of 100x100 are 20\.0 kB when they are decoded, and \/.* has 15\.0 kB left: make them smaller with --side 86, take fewer, or set TMPDIR to a folder with more room$/,
  )
  assert.is(readImages(files, options, { disk: 25_000 }).images.length, 20_000)
})

test('images that are too many for memory are read when they are shown, to the same bits', async () => {
  const spread = (a: number[], b: number[]): Files =>
    Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [
        `${'ab'[i % 2]}/${i}.png`,
        flat(4, ...(i % 2 === 0 ? a : b).map((value) => value + i)),
      ]),
    )
  for (const [channels, files] of [
    [1, spread([10], [60])],
    [3, spread([10, 20, 30], [60, 50, 40])],
    // RGB in the files, and grey all the same
    [1, spread([10, 10, 10], [60, 60, 60])],
  ] as const) {
    const inMemory = await load(files)
    const onDisk = structuredClone(await load(files, {}, 100)) // as it goes to a worker thread
    assert.is(onDisk.images.length, 0)
    assert.is(onDisk.channels, channels)
    assert.match(onDisk.notes!.join(), /too many for memory/)
    assert.is(fingerprintOf(onDisk), fingerprintOf(inMemory))
    for (const distortion of [0, 1]) {
      const schema = classificationOptions({ glimpses: 2, glimpseSide: 3, scales: 1 })
      const options = parseOptions(schema, { distortion }, 'test')
      const [there, here] = [onDisk, inMemory].map((from) => {
        const set = selectSplit(from, 'train')
        const world = classification({ id: 'Images', set, split: 'train', batchSize: 5, options })
        return [...world.reset({ seed: 3, items: [0, 7, 3, 11, 5] }).observation.glimpse]
      })
      assert.equal(there, here)
      assert.ok(new Set(here).size > 5)
    }
  }
})

test.run()
