import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from '../../src/runs/safetensors.ts'

const tensors: NamedTensor[] = [
  { name: 'core/kernel', shape: [2, 3], values: new Float32Array([1, 2, 3, 4, 5, 6.5]) },
  { name: 'ünï', shape: [2], values: new Int32Array([-7, 2147483647]) },
  { name: 'scalar', shape: [], values: new Float32Array([Math.fround(0.1)]) },
  { name: 'empty', shape: [0, 4], values: new Float32Array(0) },
]
const bytes = encodeSafetensors({ tensors, metadata: { epoch: '7' } })

/** The file with its header replaced. */
function withHeader(header: string): Uint8Array {
  const json = new TextEncoder().encode(header)
  const made = new Uint8Array(8 + json.length + 24)
  new DataView(made.buffer).setBigUint64(0, BigInt(json.length), true)
  made.set(json, 8)
  return made
}

test('what is encoded is decoded again, names, shapes, types, values and metadata', () => {
  assert.equal(decodeSafetensors(bytes, 'x'), { tensors, metadata: { epoch: '7' } })
})

test('float32 is written as float16 where that is asked for, and read as float32 again', () => {
  const half = encodeSafetensors({ tensors, metadata: {} }, { float16: true })
  // 6 + 1 numbers of 2 bytes and 2 integers of 4
  const length = Number(new DataView(half.buffer).getBigUint64(0, true))
  assert.is(half.length, 8 + length + 14 + 8)
  const read = decodeSafetensors(half, 'x').tensors
  assert.equal(read[0], tensors[0], 'small integers and halves are whole numbers of float16 steps')
  assert.equal(read[1], tensors[1])
  assert.is(read[2]!.values[0], 0.0999755859375)
})

test('any name goes there and back, and so does the order', () => {
  const names = ['weight', 'constructor', 'toString', '__proto__', 'hasOwnProperty', '10', '9', '', 'a b/c']
  const named = names.map((name, i) => ({ name, shape: [2], values: Float32Array.of(i, 2) }))
  const metadata = Object.fromEntries([
    ['__proto__', 'p'],
    ['constructor', 'c'],
  ])
  const read = decodeSafetensors(encodeSafetensors({ tensors: named, metadata }), 'x')
  assert.equal(read.tensors, named)
  assert.equal(Object.entries(read.metadata), Object.entries(metadata))
  assert.throws(
    () => encodeSafetensors({ tensors: [{ ...named[0]!, name: '__metadata__' }], metadata: {} }),
    /two tensors are named "__metadata__"/,
  )
})

test('a file starts with the length of its header, and its data lie at a multiple of 8', () => {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
  assert.is(length % 8, 0)
  assert.is(bytes[8], '{'.charCodeAt(0))
  // 6 floats, 2 integers, 1 float and none: 36 bytes of data
  assert.is(bytes.length, 8 + length + 36)
})

test('bytes that start at an odd offset of a larger buffer are decoded too', () => {
  const larger = new Uint8Array(bytes.length + 3)
  larger.set(bytes, 3)
  assert.equal(decodeSafetensors(larger.subarray(3), 'x').tensors, tensors)
  assert.equal(decodeSafetensors(Buffer.from(larger).subarray(3), 'x').tensors, tensors)
})

test('two tensors of one name, or values that do not fill their shape, are refused', () => {
  assert.throws(
    () => encodeSafetensors({ tensors: [tensors[0]!, tensors[0]!], metadata: {} }),
    /two tensors are named "core\/kernel"/,
  )
  const short = { name: 'a', shape: [3], values: new Float32Array(2) }
  assert.throws(() => encodeSafetensors({ tensors: [short], metadata: {} }), /"a" has 2 values for the shape \[3\]/)
})

test('a file cut off anywhere is refused with its name and what was found', () => {
  for (const length of [0, 7, 8, 100, bytes.length - 1])
    assert.throws(
      () => decodeSafetensors(bytes.subarray(0, length), 'dir/a.safetensors'),
      (error: Error) => error.name === 'UserError' && /^dir\/a\.safetensors: .*expected .*found/.test(error.message),
      `cut to ${length} bytes`,
    )
})

test('a header that promises to be huge is refused before it is read', () => {
  const huge = new Uint8Array(16)
  new DataView(huge.buffer).setBigUint64(0, 2n ** 60n, true)
  assert.throws(
    () => decodeSafetensors(huge, 'x'),
    /expected a header of at most 100000000 bytes, found a header of 115/,
  )
})

test('a damaged header is refused, saying what was expected and what was found', () => {
  const refused = (header: string, message: RegExp): void =>
    assert.throws(() => decodeSafetensors(withHeader(header), 'x'), message)
  refused('not JSON', /expected a JSON object/)
  refused('[]', /expected a JSON object/)
  refused('{"__metadata__":9007199254740993}', /__metadata__: expected an object of texts, found 9007199254740992/)
  refused('{"__metadata__":{"a":1}}', /__metadata__: expected an object of texts, found {"a":1}/)
  refused('{"a":null}', /"a": expected dtype F32, F16 or I32, found undefined/)
  refused(
    '{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}',
    /"b": expected tensors that do not overlap, found 32 bytes of them in 24/,
  )
  refused(
    '{"a":{"dtype":"F32","shape":[1e9,1e9,1e9],"data_offsets":[0,4]}}',
    /"a": expected 4e\+27 bytes for \[1000000000,1000000000,1000000000\]/,
  )
  refused(
    '{"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}',
    /"a": expected dtype F32, F16 or I32, found "BF16"/,
  )
  refused('{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', /"a": expected a shape, found \[-1\]/)
  refused('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}', /"a": expected two data_offsets, found \[0\]/)
  refused(
    '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}',
    /"a": expected 8 bytes for \[2\], found data_offsets \[0, 4\]/,
  )
  refused(
    '{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}',
    /"a": expected data up to byte \d+, found \d+ bytes/,
  )
})

test("Python's safetensors reads the file, where it is installed", () => {
  const python = process.env.PYTHON ?? 'python3'
  if (spawnSync(python, ['-c', 'import safetensors.numpy']).status !== 0) {
    console.log(
      'SKIP reading with Python: no safetensors there (pip install safetensors numpy; PYTHON names the interpreter)',
    )
    return
  }
  const path = join(mkdtempSync(join(tmpdir(), 'saccade-')), 'a.safetensors')
  writeFileSync(path, bytes)
  const script = `
import json, sys
from safetensors import safe_open
with safe_open(sys.argv[1], 'np') as file:
    print(json.dumps([file.metadata(), {k: [str(file.get_tensor(k).dtype), file.get_tensor(k).tolist()] for k in file.keys()}]))`
  const result = spawnSync(python, ['-c', script, path], { encoding: 'utf8' })
  assert.is(result.status, 0, result.stderr)
  assert.equal(JSON.parse(result.stdout), [
    { epoch: '7' },
    {
      'core/kernel': [
        'float32',
        [
          [1, 2, 3],
          [4, 5, 6.5],
        ],
      ],
      ünï: ['int32', [-7, 2147483647]],
      scalar: ['float32', Math.fround(0.1)],
      empty: ['float32', []],
    },
  ])
})

test.run()
