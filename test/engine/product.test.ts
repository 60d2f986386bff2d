// Our own matrix product against sums written out in float64, alone in a memory of its own and inside the wasm engine.

import { setFlagsFromString } from 'node:v8'
import * as tf from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Rng } from '../../src/core/rng.ts'
import { WebAssembly } from '../../src/engine/webassembly.ts'

setFlagsFromString('--experimental-wasm-relaxed-simd') // what later versions of Node have anyhow
const { fuses, productIn } = await import('../../src/engine/product.ts')
const { createWasmEngine } = await import('../../src/engine/wasm.ts')

const rng = Rng.of(1, 'product')
const draw = (length: number): Float32Array => Float32Array.from({ length }, () => rng.normal())

/** Element [row, column] of a matrix of `columns` columns, or of its transpose. */
const element =
  (x: ArrayLike<number>, transposed: boolean, rows: number, columns: number) => (row: number, column: number) =>
    transposed ? x[column * rows + row]! : x[row * columns + column]!

function expected(a: Float32Array, b: Float32Array, [m, k, n]: number[], ta: boolean, tb: boolean): number[] {
  const [left, right] = [element(a, ta, m!, k!), element(b, tb, k!, n!)]
  return Array.from({ length: m! * n! }, (_, at) => {
    const [row, column] = [Math.floor(at / n!), at % n!]
    return Array.from({ length: k! }, (_, i) => left(row, i) * right(i, column)).reduce((sum, x) => sum + x, 0)
  })
}

function assertClose(found: ArrayLike<number>, wanted: readonly number[], what: string): void {
  assert.is(found.length, wanted.length)
  for (const [i, value] of wanted.entries()) {
    const close = Number.isFinite(value) ? Math.abs(found[i]! - value) < 1e-4 : Object.is(found[i]!, value)
    assert.ok(close, `${what}: element ${i} is ${found[i]}, not ${value}`)
  }
}

/** Sizes that fill tiles, that leave rests in every direction, and that are smaller than one tile. */
const sizes = [
  [1, 1, 1],
  [4, 3, 8],
  [8, 16, 16],
  [3, 5, 7],
  [4, 7, 9],
  [5, 2, 8],
  [12, 1, 10],
  [1, 33, 24],
]
const both = [false, true]

test('this Node has an instruction that multiplies and adds', () => assert.ok(fuses()))

for (const fused of both)
  test(`${fused ? 'at once' : 'one after the other'}: every size, transposed or not, in memory that is used again and again and with nothing written beside it`, () => {
    const memory = new WebAssembly.Memory({ initial: 4, maximum: 4 })
    const held = new Set<number>()
    let next = 131072
    const owner = {
      memory,
      allocate(bytes: number) {
        const address = next
        next += 16 * Math.ceil(bytes / 16)
        held.add(address)
        return address
      },
      free: (address: number) => assert.ok(held.delete(address), 'only what was allocated is freed, and once'),
    }
    const multiply = productIn(owner, fused)
    const floats = new Float32Array(memory.buffer)
    for (const size of sizes)
      for (const ta of both)
        for (const tb of both) {
          const [m, k, n] = size as [number, number, number]
          const [a, b] = [draw(m * k), draw(k * n)]
          floats.set(a, 1000)
          floats.set(b, 5000)
          floats.fill(77, 9000, 9002 + m * n)
          multiply({ address: 4000, transposed: ta }, { address: 20000, transposed: tb }, 36004, [m, k, n])
          assertClose(floats.subarray(9001, 9001 + m * n), expected(a, b, size, ta, tb), `[${size}] ${ta} ${tb}`)
          assert.is(floats[9000], 77)
          assert.is(floats[9001 + m * n], 77)
          assert.equal(floats.slice(1000, 1000 + m * k), a)
          assert.equal(floats.slice(5000, 5000 + k * n), b)
          assert.is(held.size, 1)
        }
  })

const tfjs = async (compute: () => tf.Tensor): Promise<Float32Array> => {
  await createWasmEngine()
  tf.setBackend('wasm')
  const result = tf.tidy(compute)
  const values = (await result.data()) as Float32Array
  result.dispose()
  return values
}

test('the wasm engine multiplies stacks matrix by matrix', async () => {
  const [a, b] = [draw(3 * 5 * 6), draw(3 * 9 * 6)]
  const found = await tfjs(() => tf.matMul(tf.tensor3d(a, [3, 5, 6]), tf.tensor3d(b, [3, 9, 6]), false, true))
  const wanted = [0, 1, 2].flatMap((i) =>
    expected(a.subarray(i * 30, (i + 1) * 30), b.subarray(i * 54, (i + 1) * 54), [5, 6, 9], false, true),
  )
  assertClose(found, wanted, 'stack')
})

test('the wasm engine multiplies one matrix with a stack, and nothing with nothing', async () => {
  const [a, b] = [draw(5 * 6), draw(3 * 6 * 4)]
  const found = await tfjs(() => tf.matMul(tf.tensor3d(a, [1, 5, 6]), tf.tensor3d(b, [3, 6, 4])))
  const wanted = [0, 1, 2].flatMap((i) => expected(a, b.subarray(i * 24, (i + 1) * 24), [5, 6, 4], false, false))
  assertClose(found, wanted, 'one with a stack')
  const turned = await tfjs(() => tf.matMul(tf.tensor3d(b, [3, 4, 6]), tf.tensor3d(a, [1, 5, 6]), false, true))
  const expectedTurned = [0, 1, 2].flatMap((i) => expected(b.subarray(i * 24, (i + 1) * 24), a, [4, 6, 5], false, true))
  assertClose(turned, expectedTurned, 'a stack with one')
  assert.is((await tfjs(() => tf.matMul(tf.zeros([0, 4]) as tf.Tensor2D, tf.zeros([4, 3]) as tf.Tensor2D))).length, 0)
})

test('what is no number stays none, and touches only its own row', async () => {
  const a = Float32Array.of(1, Number.NaN, 2, 3, Number.POSITIVE_INFINITY, 1)
  const b = Float32Array.of(1, 0, 2, 4)
  const found = await tfjs(() => tf.matMul(tf.tensor2d(a, [3, 2]), tf.tensor2d(b, [2, 2])))
  assertClose(found, expected(a, b, [3, 2, 2], false, false), 'special')
  assert.equal([...found].map(Number.isNaN), [true, true, false, false, false, true])
})

test.run()
