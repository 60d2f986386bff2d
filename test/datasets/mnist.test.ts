// MNIST and Fashion-MNIST: the real files where they are installed, small ones of the same form where faults are wanted.

import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { UserError } from '../../src/core/errors.ts'
import { loadFashionMnist } from '../../src/datasets/fashion-mnist.ts'
import { loadIdxDirectory } from '../../src/datasets/idx-directory.ts'
import { loadMnist } from '../../src/datasets/mnist.ts'
import { selectSplit } from '../../src/datasets/part.ts'

const scratch = mkdtempSync(join(tmpdir(), 'saccade-mnist-'))
test.after(() => rmSync(scratch, { recursive: true }))

const idxImages = (count: number, height: number, width: number) =>
  Uint8Array.of(
    0,
    0,
    8,
    3,
    0,
    0,
    0,
    count,
    0,
    0,
    0,
    height,
    0,
    0,
    0,
    width,
    ...new Array(count * height * width).fill(count),
  )
const idxLabels = (...labels: number[]) => Uint8Array.of(0, 0, 8, 1, 0, 0, 0, labels.length, ...labels)

/** A directory with 3 training and 2 test images, and whatever is put in their place. */
function directory(name: string, changes: Record<string, Uint8Array | undefined> = {}): string {
  const folder = mkdtempSync(join(scratch, `${name}-`))
  const files = {
    'train-images-idx3-ubyte': idxImages(3, 2, 4),
    'train-labels-idx1-ubyte': idxLabels(1, 2, 3),
    't10k-images-idx3-ubyte': idxImages(2, 2, 4),
    't10k-labels-idx1-ubyte': idxLabels(4, 5),
    ...changes,
  }
  for (const [file, bytes] of Object.entries(files)) if (bytes) writeFileSync(join(folder, file), bytes)
  return folder
}

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

test('MNIST is 54,000 images to train, 6,000 to validate and 10,000 to test', () => {
  const mnist = loadMnist()
  const sizes = (['train', 'validation', 'test'] as const).map((split) => selectSplit(mnist, split).indices.length)
  assert.equal(sizes, [54_000, 6_000, 10_000])
  assert.equal([mnist.height, mnist.width, mnist.channels, mnist.images.length], [28, 28, 1, 70_000 * 784])
  // the first training digits are 5 0 4 1 9, the first test digits 7 2 1 0 4
  assert.equal(
    [...mnist.labels.subarray(0, 5), ...mnist.labels.subarray(60_000, 60_005)],
    [5, 0, 4, 1, 9, 7, 2, 1, 0, 4],
  )
  assert.instance(mnist.images.buffer, SharedArrayBuffer)
})

test("a directory of one's own may be packed, and dotted", () => {
  const folder = directory('packed', {
    'train-images-idx3-ubyte': undefined,
    'train-images-idx3-ubyte.gz': gzipSync(idxImages(3, 2, 4)),
    't10k-labels-idx1-ubyte': undefined,
    't10k-labels.idx1-ubyte': idxLabels(6, 7),
  })
  const { images, labels, testFrom, height, width } = loadMnist(folder)
  assert.equal([...images], [...new Array(24).fill(3), ...new Array(16).fill(2)])
  assert.equal([...labels], [1, 2, 3, 6, 7])
  assert.equal([testFrom, height, width], [3, 2, 4])
})

test('a directory that is missing, or lacks a file, is named', () => {
  assert.match(
    complaint(() => loadMnist(join(scratch, 'nowhere'))),
    /^MNIST: cannot read directory .*nowhere: ENOENT; the option data/,
  )
  const folder = directory('lacking', { 'train-labels-idx1-ubyte': undefined })
  assert.match(
    complaint(() => loadMnist(folder)),
    /^MNIST: .*lacking-\w+ has no train-labels-idx1-ubyte \(plain or \.gz\)/,
  )
})

test('a damaged archive and mismatched parts are named', () => {
  const half = gzipSync(idxImages(3, 2, 4)).subarray(0, 20)
  const damaged = directory('damaged', { 'train-images-idx3-ubyte': undefined, 'train-images-idx3-ubyte.gz': half })
  assert.match(
    complaint(() => loadMnist(damaged)),
    /train-images-idx3-ubyte\.gz: not a whole gzip file/,
  )
  const other = directory('other', { 't10k-images-idx3-ubyte': idxImages(2, 4, 2) })
  assert.match(
    complaint(() => loadMnist(other)),
    /t10k-images-idx3-ubyte: images of 2x4, but .*train-images-idx3-ubyte has 4x2 \(width x height\)/,
  )
  const fewer = directory('fewer', { 'train-labels-idx1-ubyte': idxLabels(1, 2) })
  assert.match(
    complaint(() => loadMnist(fewer)),
    /train-labels-idx1-ubyte: byte 4: expected 3 labels/,
  )
  const strange = directory('strange', { 'train-labels-idx1-ubyte': idxLabels(1, 2, 10) })
  assert.match(
    complaint(() => loadMnist(strange)),
    /train-labels-idx1-ubyte: labels up to 10, but no image has the label 3: a damaged file\?/,
  )
})

/** The four files under other names. */
function renamed(name: string, rename: (file: string) => string): string {
  const folder = directory(name)
  for (const file of readdirSync(folder)) renameSync(join(folder, file), join(folder, rename(file)))
  return folder
}

test("EMNIST's names are known, and one of several sets is chosen by what its names begin with", () => {
  const letters = (file: string): string => `emnist-letters-${file.replace('t10k', 'test')}`
  const folder = renamed('emnist', letters)
  const set = loadMnist(folder)
  assert.equal([set.name, set.classNames.length, set.testFrom, set.own], ['emnist-letters', 26, 3, true])
  assert.match(set.notes![0]!, /^EMNIST's files hold every image with rows and columns exchanged; --transpose/)
  for (const file of readdirSync(folder))
    copyFileSync(join(folder, file), join(folder, file.replace('letters', 'digits')))
  assert.match(
    complaint(() => loadMnist(folder)),
    /has the files of several sets; name one: .*emnist-\w+\/emnist-digits, .*emnist-\w+\/emnist-letters$/,
  )
  assert.is(loadMnist(join(folder, 'emnist-digits')).classNames.length, 10)
  assert.match(
    complaint(() => loadMnist(join(folder, 'emnist-mnist'))),
    /there is no .*emnist-mnist, and no file in .* begins with emnist-mnist-train-images/,
  )
})

test('transposed images have rows for columns', () => {
  const image = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6)
  const folder = directory('transposed', {
    'train-images-idx3-ubyte': image,
    't10k-images-idx3-ubyte': image,
    'train-labels-idx1-ubyte': idxLabels(1),
    't10k-labels-idx1-ubyte': idxLabels(2),
  })
  const { images, width, height } = loadMnist(folder, { transpose: true })
  assert.equal([width, height, ...images.subarray(0, 6)], [2, 3, 1, 4, 2, 5, 3, 6])
})

test('folders of the names of the files are looked into', () => {
  const folder = directory('kaggle')
  for (const file of readdirSync(folder)) {
    renameSync(join(folder, file), join(folder, 'moved'))
    mkdirSync(join(folder, file))
    renameSync(join(folder, 'moved'), join(folder, file, file))
  }
  assert.equal([...loadMnist(folder).labels], [1, 2, 3, 4, 5])
})

test('an empty file gives way to a good one beside it; alone it is named', () => {
  const packed = { 'train-images-idx3-ubyte.gz': gzipSync(idxImages(3, 2, 4)) }
  const empty = { 'train-images-idx3-ubyte': new Uint8Array(0) }
  const { notes, testFrom } = loadMnist(directory('interrupted', { ...packed, ...empty }))
  assert.is(testFrom, 3)
  assert.match(notes![0]!, /train-images-idx3-ubyte is empty; .*train-images-idx3-ubyte\.gz is read instead$/)
  assert.match(
    complaint(() => loadMnist(directory('empty', empty))),
    /train-images-idx3-ubyte is empty \(0 bytes\); fetch it again$/,
  )
})

test('a file is packed where it begins so, whatever its name', () => {
  const folder = directory('renamed', {
    'train-images-idx3-ubyte': undefined,
    'train-images-idx3-ubyte.gz': idxImages(3, 2, 4),
    't10k-images-idx3-ubyte': gzipSync(idxImages(2, 2, 4)),
  })
  assert.equal([...loadMnist(folder).images], [...new Array(24).fill(3), ...new Array(16).fill(2)])
})

test('a part without images is refused', () => {
  const none = { 't10k-images-idx3-ubyte': idxImages(0, 2, 4), 't10k-labels-idx1-ubyte': idxLabels() }
  assert.match(
    complaint(() => loadMnist(directory('none', none))),
    /t10k-images-idx3-ubyte: it has a header, but no images; fetch it again/,
  )
})

test('no more is unpacked than the header says', () => {
  const load = (bytes: Uint8Array): string =>
    complaint(() => loadMnist(directory('bomb', { 'train-images-idx3-ubyte': gzipSync(bytes) })))
  // 200 MB of zeros behind a header of 24 bytes
  const bomb = new Uint8Array(200_000_000)
  bomb.set(idxImages(3, 2, 4))
  const began = process.memoryUsage.rss()
  assert.match(load(bomb), /train-images-idx3-ubyte: it holds more bytes than its header says; fetch it again/)
  assert.ok(process.memoryUsage.rss() - began < 100_000_000)
  const huge = idxImages(3, 2, 4)
  huge.set([255, 255, 255, 255], 4)
  assert.match(load(huge), /its header promises 34359738376 bytes, more than a gzip file of \d+ can hold/)
})

test('a file that is not the one expected fails its checksum', () => {
  const checksums = { trainImages: 'a', trainLabels: 'b', testImages: 'c', testLabels: 'd' }
  const found = complaint(() =>
    loadIdxDirectory(directory('checked'), { name: 'X', classNames: ['0', '1'], checksums }),
  )
  assert.match(
    found,
    /train-images-idx3-ubyte: MD5 of the unpacked file is [0-9a-f]{32}, expected a; the file is damaged/,
  )
})

test("Fashion-MNIST is loaded from a directory of one's own", () => {
  const fashion = loadFashionMnist(directory('fashion'))
  assert.is(fashion.name, 'FashionMNIST')
  assert.equal([fashion.classNames[0], fashion.classNames[9]], ['T-shirt/top', 'Ankle boot'])
})

test('where Fashion-MNIST cannot be had, the message says how to get it', () => {
  const places = { system: join(scratch, 'none'), cache: join(scratch, 'cache'), home: 'http://127.0.0.1:9' }
  const found = complaint(() => loadFashionMnist('', {}, places))
  assert.match(
    found,
    /^FashionMNIST: cannot download it \(.+\); install Debian's package dataset-fashion-mnist, or set the option data/,
  )
  assert.equal(readdirSync(places.cache), [])
})

test('a download that is not Fashion-MNIST is refused by its checksum, and kept files are not fetched again', async () => {
  // a server in a thread of its own, since loading waits for it; it serves the same archive under every name
  const server = new Worker(
    `const { createServer } = require('node:http')
     const { parentPort, workerData } = require('node:worker_threads')
     const server = createServer((request, response) => response.end(Buffer.from(workerData)))
     server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`,
    { eval: true, workerData: gzipSync(idxImages(1, 1, 1)) },
  )
  const port = await new Promise<number>((done) => server.once('message', done))
  const places = { system: join(scratch, 'none'), cache: join(scratch, 'cache2'), home: `http://127.0.0.1:${port}` }
  const damaged = /cache2.*\.gz: MD5 of the unpacked file is [0-9a-f]{32}, expected f4a8712d7a061bf5bd6d2ca38dc4d50a/
  assert.match(
    complaint(() => loadFashionMnist('', {}, places)),
    damaged,
  )
  assert.is(readdirSync(places.cache).length, 4)
  await server.terminate()
  assert.match(
    complaint(() => loadFashionMnist('', {}, places)),
    damaged,
  )
})

test.run()
