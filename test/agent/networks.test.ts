// First values of parameters, and one step of each core by hand.

import '@tensorflow/tfjs-backend-cpu'
import { setBackend, tensor, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { identity, lstmParameters, lstmStep, orthogonal, rnnStep, uniformFan } from '../../src/agent/networks.ts'
import { Rng } from '../../src/rng.ts'

await setBackend('cpu')

const near = (actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-5): void => {
  assert.is(actual.length, expected.length)
  for (const [i, value] of expected.entries())
    assert.ok(Math.abs(actual[i]! - value) < tolerance, `[${i}]: ${actual[i]}, expected ${value}`)
}

test('uniform first values fill +-1/sqrt(fanIn)', () => {
  const values = uniformFan(16)([100, 100], Rng.of(1))
  assert.ok(Math.max(...values) <= 0.25 && Math.max(...values) > 0.249)
  assert.ok(Math.min(...values) >= -0.25 && Math.min(...values) < -0.249)
})

test('the identity remembers: ones on the diagonal', () => {
  assert.equal([...identity([2, 3], Rng.of(0))], [1, 0, 0, 0, 1, 0])
})

test('an orthogonal matrix keeps lengths and angles, whichever side is longer', () => {
  for (const [rows, columns] of [
    [5, 5],
    [3, 7],
    [7, 3],
  ] as const) {
    const values = orthogonal([rows, columns], Rng.of(2))
    const wide = rows <= columns
    const at = (i: number, j: number): number => values[wide ? i * columns + j : j * columns + i]!
    const [count, length] = wide ? [rows, columns] : [columns, rows]
    for (let i = 0; i < count; i++)
      for (let k = 0; k < count; k++) {
        let dot = 0
        for (let j = 0; j < length; j++) dot += at(i, j) * at(k, j)
        assert.ok(Math.abs(dot - (i === k ? 1 : 0)) < 1e-5, `${rows}x${columns}: rows ${i} and ${k}: ${dot}`)
      }
  }
})

test('the ReLU core adds what it sees to what it remembers', () => {
  // 2 * 1 + 0.5 + 3 * (-0.5) = 1; 2 * -1 + 0.5 - 1.5 = -3 -> 0
  const parameters = {
    'core.input.kernel': tensor2d([[2]]),
    'core.input.bias': tensor1d([0.5]),
    'core.recurrent.kernel': tensor2d([[-0.5]]),
  }
  const next = tidy(() => rnnStep(parameters, tensor2d([[1], [-1]]), tensor2d([[3], [3]])).dataSync())
  near(next, [1, 0])
})

test('the LSTM core lets gates decide what is kept, added and shown', () => {
  // gates before squashing: input 0 (1/2), forget ln 3 (3/4), candidate 0.5 (tanh 0.462117), output ln 3 (3/4)
  // cell: 3/4 * 2 + 1/2 * 0.462117 = 1.731059; hidden: 3/4 * tanh(1.731059) = 3/4 * 0.939181 = 0.704386
  const parameters = {
    'core.input.kernel': tensor2d([[0, 0, 0, 0]]),
    'core.input.bias': tensor1d([0, Math.log(3), 0.5, Math.log(3)]),
    'core.recurrent.kernel': tensor2d([[0, 0, 0, 0]]),
  }
  tidy(() => {
    const { hidden, cell } = lstmStep(parameters, tensor2d([[1]]), tensor2d([[0]]), tensor2d([[2]]))
    near(cell.dataSync(), [1.731059])
    near(hidden.dataSync(), [0.704386])
  })
})

test('an LSTM starts by remembering: the forget gate is biased by 1, the others not', () => {
  const bias = lstmParameters(3, 2, identity).find(({ name }) => name === 'core.input.bias')!
  assert.equal([...bias.start(bias.shape, Rng.of(0))], [0, 0, 1, 1, 0, 0, 0, 0])
})

test('an unknown parameter is named, with those that there are', () => {
  assert.throws(
    () => tidy(() => rnnStep({ other: tensor(1) }, tensor2d([[1]]), tensor2d([[1]]))),
    /no parameter "core\.\w+\.kernel"; it has: other/,
  )
})

test.run()
