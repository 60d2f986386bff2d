// Our own sum over rows against sums written out, alone in a memory of its own and inside the wasm engine.

import * as tf from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Rng } from '../../src/core/rng.ts'
import { rowSumIn } from '../../src/engine/row-sum.ts'
import { createWasmEngine } from '../../src/engine/wasm.ts'
import { WebAssembly } from '../../src/engine/webassembly.ts'

const rng = Rng.of(1, 'sums')

/** Row by row in float32, as it is to be done. */
function expected(x: Float32Array, rows: number, columns: number): Float32Array {
  const sums = new Float32Array(columns)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) sums[column]! += x[row * columns + column]!
  return sums
}

test('any number of rows and columns, to the last bit, with nothing written beside it', () => {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 2 })
  const sum = rowSumIn(memory)
  const floats = new Float32Array(memory.buffer)
  for (const rows of [1, 2, 7, 64])
    for (const columns of [1, 3, 4, 5, 8, 16, 19, 33, 48]) {
      const x = Float32Array.from({ length: rows * columns }, () => rng.normal())
      floats.set(x, 100)
      floats.fill(77, 9000, 9002 + columns)
      sum(400, 36004, rows, columns)
      assert.equal([...floats.subarray(9001, 9001 + columns)], [...expected(x, rows, columns)], `${rows}x${columns}`)
      assert.equal([floats[9000], floats[9001 + columns]], [77, 77])
    }
})

test('the wasm engine sums over rows, and over what else it is asked to as before', async () => {
  await createWasmEngine()
  tf.setBackend('wasm')
  const x = Float32Array.from({ length: 6 * 21 }, () => rng.normal())
  const [rows, kept, columns] = tf.tidy(() => {
    const matrix = tf.tensor2d(x, [6, 21])
    return [tf.sum(matrix, 0), tf.sum(matrix, 0, true), tf.sum(matrix, 1)]
  }) as [tf.Tensor, tf.Tensor, tf.Tensor]
  assert.equal([rows.shape, kept.shape, columns.shape], [[21], [1, 21], [6]])
  const wanted = [...expected(x, 6, 21)]
  assert.equal([...(await rows.data())], wanted)
  assert.equal([...(await kept.data())], wanted)
  const across = [...(await columns.data())]
  for (const [row, total] of across.entries())
    assert.ok(Math.abs(total - x.subarray(21 * row, 21 * row + 21).reduce((sum, value) => sum + value, 0)) < 1e-5)
})

test.run()
