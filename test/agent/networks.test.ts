// First values of parameters, and one step of each core by hand.

import '@tensorflow/tfjs-backend-cpu'
import { setBackend, tensor, tensor1d, tensor2d, tensor4d, tidy } from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cores } from '../../src/agent/cores.ts'
import {
  convolveRelu,
  denseParameters,
  identity,
  initialise,
  orthogonal,
  uniformFan,
  windows,
} from '../../src/agent/networks.ts'
import { Rng } from '../../src/core/rng.ts'

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

for (const [side, stride, height, width] of [
  [2, 1, 3, 4],
  [4, 2, 7, 6],
  [2, 2, 5, 4],
  [3, 2, 7, 6], // windows that are no whole number of strides
] as const) {
  test(`windows of ${side}x${side}, ${stride} apart in ${height}x${width}, hold their pixels, each once`, () => {
    const channels = 2
    const image = Float32Array.from({ length: 2 * height * width * channels }, (_, i) => i) // every number another
    const [shape, found] = tidy(() => {
      const cut = windows(tensor4d(image, [2, height, width, channels]), side, stride)
      return [cut.shape, cut.dataSync()]
    })
    const [rows, columns] = [Math.floor((height - side) / stride) + 1, Math.floor((width - side) / stride) + 1]
    const length = side * side * channels
    assert.equal(shape, [2, rows, columns, length])
    for (let place = 0; place < 2 * rows * columns; place++) {
      const [which, row, column] = [
        Math.floor(place / (rows * columns)),
        Math.floor(place / columns) % rows,
        place % columns,
      ]
      const expected: number[] = []
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++)
          for (let c = 0; c < channels; c++)
            expected.push(
              ((which * height + row * stride + y) * width + column * stride + x) * channels + c, // its index in the image
            )
      const held = [...found.slice(place * length, (place + 1) * length)].sort((a, b) => a - b)
      assert.equal(held, expected)
    }
  })
}

test('a convolution answers with one number a filter at every place, none below zero', () => {
  // a filter that adds what it sees, less 10; one that sees nothing and says 3
  const kernel = tensor2d([
    [1, 0],
    [1, 0],
    [1, 0],
    [1, 0],
  ])
  const parameters = { 'c.kernel': kernel, 'c.bias': tensor1d([-10, 3]) }
  const image = tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1])
  const seen = tidy(() => convolveRelu(parameters, 'c', image, 2, 1))
  assert.equal(seen.shape, [1, 2, 2, 2])
  // 1 + 2 + 4 + 5 - 10 = 2; 16 - 10; 24 - 10; 28 - 10
  near(seen.dataSync(), [2, 3, 6, 3, 14, 3, 18, 3])
  near(
    tidy(() => convolveRelu({ ...parameters, 'c.bias': tensor1d([-20, 3]) }, 'c', image, 2, 1).dataSync()),
    [0, 3, 0, 3, 4, 3, 8, 3],
  )
})

const shape = { inputs: 1, hidden: 1, recurrent: identity, horizon: 1 }

test('the ReLU core adds what it sees to what it remembers', () => {
  // 2 * 1 + 0.5 + 3 * (-0.5) = 1; 2 * -1 + 0.5 - 1.5 = -3 -> 0
  const parameters = {
    'core.input.kernel': tensor2d([[2]]),
    'core.input.bias': tensor1d([0.5]),
    'core.recurrent.kernel': tensor2d([[-0.5]]),
  }
  const core = cores.rnn(shape)
  tidy(() => {
    const { hidden, state } = core.step(parameters, tensor2d([[1], [-1]]), { hidden: tensor2d([[3], [3]]) })
    near(hidden.dataSync(), [1, 0])
    near(state.hidden!.dataSync(), [1, 0])
  })
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
    const before = { hidden: tensor2d([[0]]), cell: tensor2d([[2]]) }
    const { hidden, state } = cores.lstm(shape).step(parameters, tensor2d([[1]]), before)
    near(state.cell!.dataSync(), [1.731059])
    near(state.hidden!.dataSync(), [0.704386])
    near(hidden.dataSync(), [0.704386])
  })
})

test('an LSTM starts by remembering: the forget gate is biased by 1, the others not', () => {
  const { parameters } = cores.lstm({ ...shape, inputs: 3, hidden: 2 })
  const bias = parameters.find(({ name }) => name === 'core.input.bias')!
  assert.equal([...bias.start(bias.shape, Rng.of(0))], [0, 0, 1, 1, 0, 0, 0, 0])
})

test('an unknown parameter is named, with those that there are', () => {
  assert.throws(
    () => tidy(() => cores.rnn(shape).step({ other: tensor(1) }, tensor2d([[1]]), { hidden: tensor2d([[1]]) })),
    /no parameter "core\.\w+\.kernel"; it has: other/,
  )
})

test('every parameter is drawn from a stream of its own name: one that changes its shape changes no other', () => {
  const before = [...denseParameters('a', 3, 4), ...denseParameters('b', 4, 2)]
  const wider = [...denseParameters('a', 3, 9), ...denseParameters('b', 4, 2)]
  const tail = 4 * 2 + 2
  assert.equal(initialise(wider, 5).subarray(-tail), initialise(before, 5).subarray(-tail))
  assert.not.equal(initialise(before, 6).subarray(-tail), initialise(before, 5).subarray(-tail))
})

test.run()
