// MNIST and Fashion-MNIST: the real files where they are installed, small ones of the same form where faults are wanted.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { UserError } from '../../src/core/errors.ts'
import { selectSplit } from '../../src/datasets/dataset.ts'
import { loadFashionMnist } from '../../src/datasets/fashion-mnist.ts'
import { loadIdxDirectory } from '../../src/datasets/idx-directory.ts'
import { loadMnist } from '../../src/datasets/mnist.ts'

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
    /t10k-images-idx3-ubyte: images of 4x2, but .*train-images-idx3-ubyte has 2x4/,
  )
  const fewer = directory('fewer', { 'train-labels-idx1-ubyte': idxLabels(1, 2) })
  assert.match(
    complaint(() => loadMnist(fewer)),
    /train-labels-idx1-ubyte: byte 4: expected 3 labels/,
  )
  const strange = directory('strange', { 'train-labels-idx1-ubyte': idxLabels(1, 2, 10) })
  assert.match(
    complaint(() => loadMnist(strange)),
    /train-labels-idx1-ubyte: byte 10: expected a label in 0 \.\.\. 9, found 10/,
  )
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
  const found = complaint(() => loadFashionMnist('', places))
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
    complaint(() => loadFashionMnist('', places)),
    damaged,
  )
  assert.is(readdirSync(places.cache).length, 4)
  await server.terminate()
  assert.match(
    complaint(() => loadFashionMnist('', places)),
    damaged,
  )
})

test.run()
