// The distributions over every kind of space, against numbers worked out by hand and against the moments of many draws.

import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-layers'
import { grad, type Scalar, scalar, setBackend, sum, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { argMaxRows, type HeadKindName, headOf, softmaxRows } from '../../src/agent/heads.ts'
import { Rng } from '../../src/core/rng.ts'
import { Box, Discrete, emptyValues, MultiDiscrete, type Space } from '../../src/env/spaces.ts'

await setBackend('cpu')

const numbers = (make: () => Tensor): number[] => tidy(() => [...make().dataSync()])
const near = (actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-5): void => {
  assert.is(actual.length, expected.length)
  for (const [i, value] of expected.entries())
    assert.ok(Math.abs(actual[i]! - value) < tolerance, `[${i}]: ${actual[i]}, expected ${value}`)
}
/** The likeliest values of some rows of outputs. */
const modeOf = (space: Space, outputs: number[]): number[] => {
  const head = headOf(space)
  const out = emptyValues(space, outputs.length / head.outputs())
  head.mode(Float32Array.from(outputs), out)
  return [...out]
}
const std = (value: number): Scalar => scalar(value)

// ---- Box: a Gaussian ----

test("a Gaussian's log-probability sums two independent coordinates", () => {
  // std 1/2 at (1/2, 0): -1/2 * 1^2 - 2 ln(1/2) - ln(2 pi) = -0.5 + 1.386294 - 1.837877 = -0.951583
  // at (0, -1): two deviations off, -2 + 1.386294 - 1.837877 = -2.451583
  const at = (x: number, y: number): number[] =>
    numbers(() => headOf(new Box(-1, 1, [2])).logProbability(tensor([[[0, 0]]]), tensor([[[x, y]]]), std(0.5)))
  near(at(0.5, 0), [-0.951583])
  near(at(0, -1), [-2.451583])
})

test("a Gaussian's deviation is measured in half-widths of its space", () => {
  // in [0, 4] a deviation of 1/4 is 1/2: 1/2 off is one deviation, and the numbers are those of std 1/2 in [-1, 1]
  const wide = headOf(new Box(0, 4, [2]))
  near(
    numbers(() => wide.logProbability(tensor([[3, 2]]), tensor([[3.5, 2]]), std(0.25))),
    [-0.951583],
  )
  // and in [-0.1, 0.1] one of 5 is 1/2 too
  const narrow = headOf(new Box(-0.1, 0.1, [2]))
  near(
    numbers(() => narrow.logProbability(tensor([[0, 0]]), tensor([[0, -1]]), std(5))),
    [-2.451583],
  )
})

for (const [low, high] of [
  [-1, 1],
  [0, 6],
] as const)
  test(`Gaussian draws in [${low}, ${high}] have the mean and deviation that were asked for`, () => {
    const [count, half] = [20_000, (high - low) / 2]
    const head = headOf(new Box(low, high, [1]))
    const out = new Float32Array(count)
    const rng = Rng.of(1)
    for (let row = 0; row < count; row++) head.sample(new Float32Array(count).fill(0.3), row, 0.2, rng, out)
    const mean = out.reduce((total, x) => total + x, 0) / count
    const variance = out.reduce((total, x) => total + (x - mean) ** 2, 0) / count
    // standard errors, in half-widths: 0.2 / sqrt(20000) = 0.0014 and 0.2 / sqrt(40000) = 0.001; four of each allowed
    near([(mean - 0.3) / half, Math.sqrt(variance) / half], [0, 0.2], 0.006)
  })

test('the likeliest of a Gaussian is its mean; it has no probabilities, and no entropy to be learned', () => {
  const space = new Box(-1, 1, [2])
  const head = headOf(space)
  assert.is(head.outputs(), 2)
  assert.equal(modeOf(space, [0.5, -3, 0, 1]), [0.5, -3, 0, 1])
  assert.is(head.probabilities(Float32Array.of(1, 2)), undefined)
  assert.is(
    tidy(() => head.entropy(tensor([[1, 2]]), std(1))),
    undefined,
  )
})

test('coordinates are as wrong as they are far from the target, squared, at every step', () => {
  // [T = 2, B = 2, D = 2] against [B, D]: (3^2 + 4^2, 0), (1, 1 + 1)
  const outputs = () => tensor([3, 4, 1, 1, 0, 1, 2, 0], [2, 2, 2])
  const target = () =>
    tensor([
      [0, 0],
      [1, 1],
    ])
  near(
    numbers(() => headOf(new Box(-9, 9, [2])).supervisedLoss(outputs(), target())),
    [25, 0, 1, 2],
  )
})

/** A spread of 1/2: softplus(x) + 0.001 = 1/2. */
const half = Math.log(Math.exp(0.499) - 1)

test('a Gaussian that learns its spread is likely, uncertain and wrong by the spread that it says itself', () => {
  const space = new Box(0, 4, [2])
  const head = headOf(space, 'learned-gaussian')
  assert.is(head.outputs(), 4)
  const outputs = () => tensor([[3, 2, half, half]])
  // one deviation off in one axis, as above; the policy's std has no part in it
  near(
    numbers(() => head.logProbability(outputs(), tensor([[3.5, 2]]), std(9))),
    [-0.951583],
  )
  near(
    numbers(() => head.supervisedLoss(tensor([3, 2, half, half, 3, 2, half, half], [2, 1, 4]), tensor([[3.5, 2]]))),
    [0.951583, 0.951583],
  )
  // two axes of ln(1/2) + 1/2 ln(2 pi e)
  near(
    numbers(() => head.entropy(outputs(), std(9))!),
    [2 * (Math.log(0.5) + 0.5 * Math.log(2 * Math.PI * Math.E))],
  )
  const out = new Float32Array(4)
  head.mode(Float32Array.of(3, 2, half, half, -1, 5, 0, 0), out)
  assert.equal([...out], [3, 2, -1, 5])
  assert.is(head.probabilities(new Float32Array(4)), undefined)
})

test('draws of a Gaussian that learns its spread lie as far apart as it says, each axis by itself', () => {
  const count = 20_000
  const head = headOf(new Box(-1, 1, [2]), 'learned-gaussian')
  const outputs = Float32Array.from({ length: 4 * count }, (_, i) => [0.3, -2, half, -20][i % 4]!)
  const out = new Float32Array(2 * count)
  const rng = Rng.of(4)
  for (let row = 0; row < count; row++) head.sample(outputs, row, 7, rng, out)
  const [first, second] = [0, 1].map((axis) => out.filter((_, i) => i % 2 === axis))
  const mean = first!.reduce((total, x) => total + x, 0) / count
  const deviation = Math.sqrt(first!.reduce((total, x) => total + (x - mean) ** 2, 0) / count)
  near([mean, deviation], [0.3, 0.5], 0.015)
  // the least spread is 0.001
  assert.ok(second!.every((x) => Math.abs(x + 2) < 0.01) && new Set(second).size > 100)
})

/** What makes the scheduled deviation twice as wide: 10^tanh(x) = 2. */
const doubled = Math.atanh(Math.log10(2))

test('a Gaussian with a learned factor is as likely and as uncertain as the scheduled one of that width', () => {
  const space = new Box(0, 4, [2])
  const head = headOf(space, 'scaled-gaussian')
  assert.is(head.outputs(), 4)
  // half of the width of [0, 4] is 2: an eighth of that, doubled, is 1/2 in the first axis; 1/4 in the second as scheduled
  const outputs = () => tensor([[3, 2, doubled, 0]])
  const first = -0.5 - Math.log(0.5) - 0.5 * Math.log(2 * Math.PI)
  const second = -2 - Math.log(0.25) - 0.5 * Math.log(2 * Math.PI)
  near(
    numbers(() => head.logProbability(outputs(), tensor([[3.5, 1.5]]), std(0.125))),
    [first + second],
  )
  near(
    numbers(() => head.entropy(outputs(), std(0.125))!),
    [Math.log(0.5) + Math.log(0.25) + Math.log(2 * Math.PI * Math.E)],
  )
  near(
    numbers(() => head.supervisedLoss(tensor([[[3, 2, doubled, 0]]]), tensor([[3.5, 1]]))),
    [1.25],
  )
  const out = new Float32Array(4)
  head.mode(Float32Array.of(3, 2, doubled, 0, -1, 5, 9, -9), out)
  assert.equal([...out], [3, 2, -1, 5])
  assert.is(head.probabilities(new Float32Array(4)), undefined)
})

test('draws of a Gaussian with a learned factor are that much wider than scheduled, at most ten times and at least a tenth', () => {
  const count = 20_000
  const head = headOf(new Box(-0.5, 0.5, [3]), 'scaled-gaussian')
  const row = [0.3, -2, 7, doubled, -50, 50]
  const outputs = Float32Array.from({ length: 6 * count }, (_, i) => row[i % 6]!)
  const out = new Float32Array(3 * count)
  const rng = Rng.of(4)
  for (let b = 0; b < count; b++) head.sample(outputs, b, 0.2, rng, out)
  // 0.2 half-widths of 0.5 are 0.1
  for (const [axis, deviation] of [0.2, 0.01, 1].entries()) {
    const drawn = out.filter((_, i) => i % 3 === axis)
    const mean = drawn.reduce((total, x) => total + x, 0) / count
    const found = Math.sqrt(drawn.reduce((total, x) => total + (x - mean) ** 2, 0) / count)
    near([mean, found], [row[axis]!, deviation], 0.03 * deviation)
  }
})

// ---- Discrete: a categorical ----

test("a categorical's log-probability and entropy are those of its normalised weights", () => {
  // weights 3 : 1 : 0 (a logit of -50): p = 3/4, 1/4, 0
  const head = headOf(new Discrete(3))
  const logits = () => tensor([[Math.log(3), 0, -50]])
  const logProbability = (value: number): number[] =>
    numbers(() => head.logProbability(logits(), tensor([value], [1], 'int32'), std(1)))
  assert.is(head.outputs(), 3)
  near(logProbability(0), [Math.log(0.75)])
  near(logProbability(1), [Math.log(0.25)])
  // -3/4 ln 3/4 - 1/4 ln 1/4 = 0.215762 + 0.346574
  near(
    numbers(() => head.entropy(logits(), std(1))!),
    [0.562335],
  )
  // K equal weights have entropy ln K
  near(
    numbers(() => headOf(new Discrete(4)).entropy(tensor([[7, 7, 7, 7]]), std(1))!),
    [Math.log(4)],
  )
  near(head.probabilities(Float32Array.of(Math.log(3), 0, -50, 0, 0, 0))!, [0.75, 0.25, 0, 1 / 3, 1 / 3, 1 / 3])
})

test('two logits, one of them 0, are log-odds, at any size', () => {
  // log-odds ln 3: p = 3/4
  const head = headOf(new Discrete(2))
  const logits = () => tensor([0, Math.log(3), 0, Math.log(3), 0, 0, 0, 60, 0, 60], [5, 2])
  const values = () => tensor([1, 0, 1, 1, 0], [5], 'int32')
  near(
    numbers(() => head.logProbability(logits(), values(), std(1))),
    [Math.log(0.75), Math.log(0.25), Math.log(0.5), 0, -60],
    1e-4,
  )
  near(
    numbers(() => head.entropy(logits(), std(1))!),
    [0.562335, 0.562335, Math.log(2), 0, 0],
    1e-4,
  )
})

test('cross-entropy is minus the log-probability of the target, which is the same at every step', () => {
  // [T = 2, B = 2, K = 2], targets 0 and 1: ln 4/3, ln 2; ln 2, ln 4
  const ln3 = Math.log(3)
  const logits = () => tensor([ln3, 0, 0, 0, 0, 0, ln3, 0], [2, 2, 2])
  near(
    numbers(() => headOf(new Discrete(2)).supervisedLoss(logits(), tensor([0, 1], [2], 'int32'))),
    [Math.log(4 / 3), Math.log(2), Math.log(2), Math.log(4)],
  )
})

test('categorical draws come as often as their probabilities say', () => {
  const count = 20_000
  const logits = Float32Array.from({ length: count * 3 }, (_, i) => [Math.log(6), Math.log(3), 0][i % 3]!)
  const out = new Int32Array(count)
  const rng = Rng.of(2)
  for (let row = 0; row < count; row++) headOf(new Discrete(3)).sample(logits, row, 1, rng, out)
  const share = [0, 1, 2].map((k) => out.filter((value) => value === k).length / count)
  // largest standard error: sqrt(0.6 * 0.4 / 20000) = 0.0035; four allowed
  near(share, [0.6, 0.3, 0.1], 0.014)
})

test('the likeliest category is the first of equals', () => {
  assert.equal(modeOf(new Discrete(3), [1, 3, 3, 5, 2, 4]), [1, 0])
  const out = new Int32Array(2)
  argMaxRows(Float32Array.of(1, 3, 3, 5, 2, 4), out)
  assert.equal([...out], [1, 0])
})

test('softmax of huge logits stays finite', () => {
  // 1 : e^-1: 0.731059, 0.268941
  near(softmaxRows(Float32Array.of(1000, 999), 2), [0.731059, 0.268941])
})

// ---- MultiDiscrete: a categorical for each place ----

/** Weights 3 : 1, and 1 : 1 : 2. */
const pair = () => tensor([[Math.log(3), 0, 0, 0, Math.log(2)]])
const places = new MultiDiscrete([2, 3])

test('places are independent: log-probabilities and entropies add up', () => {
  const head = headOf(places)
  assert.is(head.outputs(), 5)
  const logProbability = (...values: number[]): number[] =>
    numbers(() => head.logProbability(pair(), tensor([values], [1, 2], 'int32'), std(1)))
  near(logProbability(0, 2), [Math.log(3 / 8)])
  near(logProbability(1, 0), [Math.log(1 / 16)])
  // 0.562335 and 1/4 ln 4 + 1/4 ln 4 + 1/2 ln 2 = 1.039721
  near(
    numbers(() => head.entropy(pair(), std(1))!),
    [1.602056],
  )
  near(head.probabilities(Float32Array.of(Math.log(3), 0, 0, 0, Math.log(2), 0, 0, 0, 0, 0))!, [
    ...[0.75, 0.25, 0.25, 0.25, 0.5],
    ...[1 / 2, 1 / 2, 1 / 3, 1 / 3, 1 / 3],
  ])
})

test("cross-entropy of several places is the sum of each one's", () => {
  // [T = 2, B = 1]: both steps alike; target (1, 2): ln 4 + ln 2
  const twice = () => tensor([Math.log(3), 0, 0, 0, Math.log(2), Math.log(3), 0, 0, 0, Math.log(2)], [2, 1, 5])
  near(
    numbers(() => headOf(places).supervisedLoss(twice(), tensor([[1, 2]], [1, 2], 'int32'))),
    [Math.log(8), Math.log(8)],
  )
})

test('the likeliest of several places are the likeliest of each', () => {
  assert.equal(modeOf(places, [0, 1, 2, 0, 2, 3, 1, 0, 5, 9]), [1, 0, 0, 2])
})

test('draws of several places come as often as the probabilities of each say, and do not depend on one another', () => {
  const count = 20_000
  const weights = [Math.log(3), 0, 0, 0, Math.log(2)]
  const logits = Float32Array.from({ length: count * 5 }, (_, i) => weights[i % 5]!)
  const out = new Int32Array(2 * count)
  const rng = Rng.of(3)
  for (let row = 0; row < count; row++) headOf(places).sample(logits, row, 1, rng, out)
  const share = (first: number, second: number): number =>
    Array.from({ length: count }, (_, row) => row).filter(
      (row) => out[2 * row] === first && out[2 * row + 1] === second,
    ).length / count
  // largest standard error: sqrt(3/8 * 5/8 / 20000) = 0.0034; four allowed
  near([share(0, 0), share(0, 2), share(1, 1), share(1, 2)], [3 / 16, 3 / 8, 1 / 16, 1 / 8], 0.014)
})

test('every kind of head teaches its outputs: a step along the gradient of a log-probability makes what was drawn likelier', () => {
  const cases: readonly (readonly [Space, number[], number[], HeadKindName?])[] = [
    [new Box(0, 4, [2]), [1, 2], [1.5, 1]],
    [new Box(0, 4, [2]), [1, 2, 0.3, -0.2], [1.5, 1], 'learned-gaussian'],
    [new Box(0, 4, [2]), [1, 2, 0.3, -0.2], [1.5, 1], 'scaled-gaussian'],
    [new Discrete(3), [0.2, -0.1, 0.4], [1]],
    [places, [0.3, 0.1, 0, 0.2, -0.4], [1, 2]],
  ]
  for (const [space, outputs, values, kind] of cases) {
    const drawn = (): Tensor => tensor(values, [1, ...space.shape], space.kind === 'box' ? 'float32' : 'int32')
    const likely = (x: Tensor): Tensor => sum(headOf(space, kind).logProbability(x, drawn(), std(0.5)))
    const slope = numbers(() => grad(likely)(tensor([outputs])))
    const at = (step: number): number =>
      numbers(() => likely(tensor([outputs.map((x, i) => x + step * slope[i]!)])))[0]!
    const norm = slope.reduce((total, x) => total + x * x, 0)
    assert.ok(norm > 1e-2)
    near([(at(1e-2) - at(-1e-2)) / 2e-2], [norm], 0.02 * norm)
  }
})

test.run()
