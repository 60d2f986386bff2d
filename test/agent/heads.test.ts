// The policy's distributions, against numbers worked out by hand and against the moments of many draws.

import '@tensorflow/tfjs-backend-cpu'
import { scalar, setBackend, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  argMaxRows,
  bernoulliEntropy,
  bernoulliLogProb,
  categoricalEntropy,
  categoricalLogProb,
  gaussianLogProb,
  sampleCategorical,
  sampleGaussian,
  softmaxRows,
} from '../../src/agent/distributions.ts'
import { Rng } from '../../src/core/rng.ts'

await setBackend('cpu')

const numbers = (make: () => Tensor): number[] => tidy(() => [...make().dataSync()])
const near = (actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-5): void => {
  assert.is(actual.length, expected.length)
  for (const [i, value] of expected.entries())
    assert.ok(Math.abs(actual[i]! - value) < tolerance, `[${i}]: ${actual[i]}, expected ${value}`)
}

test("a Gaussian's log-probability sums two independent coordinates", () => {
  // std 1/2 at (1/2, 0): -1/2 * 1^2 - 2 ln(1/2) - ln(2 pi) = -0.5 + 1.386294 - 1.837877 = -0.951583
  // at (0, -1): two deviations off, -2 + 1.386294 - 1.837877 = -2.451583
  const at = (x: number, y: number): number[] =>
    numbers(() => gaussianLogProb(tensor([[[x, y]]]), tensor([[[0, 0]]]), scalar(0.5)))
  near(at(0.5, 0), [-0.951583])
  near(at(0, -1), [-2.451583])
})

test("a categorical's log-probability and entropy are those of its normalised weights", () => {
  // weights 3 : 1 : 0 (a logit of -50): p = 3/4, 1/4, 0
  const logits = () => tensor([[Math.log(3), 0, -50]])
  near(
    numbers(() => categoricalLogProb(logits(), tensor([0], [1], 'int32'))),
    [Math.log(0.75)],
  )
  near(
    numbers(() => categoricalLogProb(logits(), tensor([1], [1], 'int32'))),
    [Math.log(0.25)],
  )
  // -3/4 ln 3/4 - 1/4 ln 1/4 = 0.215762 + 0.346574
  near(
    numbers(() => categoricalEntropy(logits())),
    [0.562335],
  )
  // K equal weights have entropy ln K
  near(
    numbers(() => categoricalEntropy(tensor([[7, 7, 7, 7]]))),
    [Math.log(4)],
  )
})

test("a Bernoulli's log-probability and entropy are those of its log-odds, at any size", () => {
  // log-odds ln 3: p = 3/4
  const logit = () => tensor([Math.log(3), Math.log(3), 0, 60, 60])
  const stop = () => tensor([1, 0, 1, 1, 0])
  near(
    numbers(() => bernoulliLogProb(logit(), stop())),
    [Math.log(0.75), Math.log(0.25), Math.log(0.5), 0, -60],
    1e-4,
  )
  near(
    numbers(() => bernoulliEntropy(logit())),
    [0.562335, 0.562335, Math.log(2), 0, 0],
    1e-4,
  )
})

test('Gaussian draws have the mean and deviation that were asked for', () => {
  const count = 20_000
  const out = new Float32Array(count)
  sampleGaussian(new Float32Array(count).fill(0.3), 0.2, Rng.of(1), out)
  const mean = out.reduce((sum, x) => sum + x, 0) / count
  const variance = out.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count
  // standard errors: 0.2 / sqrt(20000) = 0.0014 and 0.2 / sqrt(40000) = 0.001; four of each allowed
  near([mean, Math.sqrt(variance)], [0.3, 0.2], 0.006)
})

test('categorical draws come as often as their probabilities say', () => {
  const count = 20_000
  const logits = new Float32Array(count * 3)
  for (let row = 0; row < count; row++) logits.set([Math.log(6), Math.log(3), 0], row * 3)
  const out = new Int32Array(count)
  sampleCategorical(logits, Rng.of(2), out)
  const share = [0, 1, 2].map((k) => out.filter((choice) => choice === k).length / count)
  // largest standard error: sqrt(0.6 * 0.4 / 20000) = 0.0035; four allowed
  near(share, [0.6, 0.3, 0.1], 0.014)
})

test('the likeliest choice is the first of equals', () => {
  const out = new Int32Array(2)
  argMaxRows(Float32Array.of(1, 3, 3, 5, 2, 4), out)
  assert.equal([...out], [1, 0])
})

test('softmax of huge logits stays finite', () => {
  // 1 : e^-1: 0.731059, 0.268941
  near(softmaxRows(Float32Array.of(1000, 999), 2), [0.731059, 0.268941])
})

test.run()
