// Optimisers, clipping and schedules against numbers worked out by hand.

import '@tensorflow/tfjs-backend-cpu'
import { scalar, setBackend, type Tensor1D, tensor1d, tidy } from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { clipFactor, createOptimiser, type OptimiserOptions, scheduledRate } from '../../src/algorithms/optimisers.ts'

await setBackend('cpu')

const near = (actual: number, expected: number, tolerance = 1e-6): void =>
  assert.ok(Math.abs(actual - expected) < tolerance, `${actual}, expected ${expected}`)

/** One parameter after each of several gradients. */
function walk(options: OptimiserOptions, rate: number, start: number, gradients: readonly number[]): number[] {
  return tidy(() => {
    const optimiser = createOptimiser(options)
    let parameters: Tensor1D = tensor1d([start])
    let moments = Object.fromEntries(optimiser.moments.map((name) => [name, tensor1d([0])]))
    return gradients.map((gradient, i) => {
      const numbers = Object.entries(optimiser.scalars(i + 1, rate)).map(([name, x]) => [name, scalar(x)])
      const next = optimiser.update(parameters, tensor1d([gradient]), moments, Object.fromEntries(numbers))
      parameters = next.parameters
      moments = { ...next.moments }
      return parameters.dataSync()[0]!
    })
  })
}

test('sgd goes down the gradient, and on by its momentum', () => {
  // v = 2, x = 1 - 0.1 * 2 = 0.8; v = 0.5 * 2 + 1 = 2, x = 0.6
  const [first, second] = walk({ optimiser: 'sgd', momentum: 0.5, weightDecay: 0 }, 0.1, 1, [2, 1])
  near(first!, 0.8)
  near(second!, 0.6)
})

test("adam's first step is the learning rate against the gradient's sign, whatever its size", () => {
  for (const gradient of [1e-3, 5, -300])
    near(
      walk({ optimiser: 'adam', momentum: 0.9, weightDecay: 0 }, 0.1, 0, [gradient])[0]!,
      -0.1 * Math.sign(gradient),
      2e-6,
    )
})

test("adam's second step is the ratio of the corrected moments", () => {
  // gradients 1, 3: m = 0.9 * 0.1 + 0.1 * 3 = 0.39, corrected 0.39 / 0.19 = 2.052632
  // v = 0.999 * 0.001 + 0.001 * 9 = 0.009999, corrected 0.009999 / 0.001999 = 5.002001, root 2.236516
  // step 0.1 * 2.052632 / 2.236516 = 0.0917781
  const [first, second] = walk({ optimiser: 'adam', momentum: 0.9, weightDecay: 0 }, 0.1, 0, [1, 3])
  near(second! - first!, -0.0917781, 2e-6)
})

test('weight decay is decoupled: it shrinks parameters by the learning rate times itself, gradient or not', () => {
  // 2 * (1 - 0.1 * 0.5) = 1.9
  near(walk({ optimiser: 'sgd', momentum: 0, weightDecay: 0.5 }, 0.1, 2, [0])[0]!, 1.9)
  near(walk({ optimiser: 'adam', momentum: 0.9, weightDecay: 0.5 }, 0.1, 2, [0])[0]!, 1.9)
})

test('clipping scales a long gradient to the limit and leaves a short one alone', () => {
  const factor = (norm: number) => tidy(() => clipFactor(scalar(norm ** 2), 5).dataSync()[0]!)
  near(factor(20), 0.25)
  near(factor(4), 1)
  near(factor(0), 1)
})

test('the learning rate rises over the warm-up, then follows its schedule to the last value', () => {
  const rate = (schedule: 'cosine' | 'linear' | 'constant', progress: number) =>
    scheduledRate({ learningRate: 1, finalLearningRate: 0.2, warmup: 0.2, schedule }, progress)
  for (const schedule of ['cosine', 'linear', 'constant'] as const) {
    near(rate(schedule, 0.1), 0.5)
    near(rate(schedule, 0.2), 1)
  }
  // half of what is left: linear and cosine alike 0.6; a quarter: cosine 0.2 + 0.8 * (1 + cos 45 degrees) / 2
  near(rate('linear', 0.6), 0.6)
  near(rate('cosine', 0.6), 0.6)
  near(rate('cosine', 0.4), 0.2 + 0.8 * 0.853553)
  near(rate('cosine', 1), 0.2)
  near(rate('linear', 1), 0.2)
  near(rate('constant', 1), 1)
})

test.run()
