// Optimisers as pure functions of flat vectors: (parameters, gradient, moments, scalars) -> (parameters, moments).
// What depends on the step number alone is worked out by the host and comes in as scalars.

import { add, div, minimum, mul, type Scalar, sqrt, square, sub, type Tensor1D } from '@tensorflow/tfjs-core'

/** Which moments an optimiser keeps: names of vectors as long as the parameters. */
export type Moments = { readonly [name: string]: Tensor1D }

/** An optimiser. */
export type Optimiser = {
  readonly moments: readonly string[]
  /** Numbers for step `step` (from 1) at a learning rate. */
  scalars(step: number, learningRate: number): { readonly [name: string]: number }
  /** One step down the gradient: new parameters and new moments, all float32 [P]. */
  update(
    parameters: Tensor1D,
    gradient: Tensor1D,
    moments: Moments,
    scalars: { readonly [name: string]: Scalar },
  ): { readonly parameters: Tensor1D; readonly moments: Moments }
}

/** What an optimiser may be told. */
export type OptimiserOptions = {
  readonly optimiser: 'adam' | 'sgd'
  /** In [0, 1). */
  readonly momentum: number
  /** Decoupled, a step, times the learning rate. */
  readonly weightDecay: number
}

/** The optimiser of a name. */
export function createOptimiser(options: OptimiserOptions): Optimiser {
  return options.optimiser === 'adam' ? adam(options) : sgd(options)
}

/** Adam (Kingma and Ba 2015) with beta1 = `momentum`, beta2 = 0.999, epsilon = 1e-8; AdamW with `weightDecay` > 0. */
function adam({ momentum: beta1, weightDecay }: OptimiserOptions): Optimiser {
  const beta2 = 0.999
  const epsilon = 1e-8
  return {
    moments: ['moment1', 'moment2'],
    // the bias corrections, folded into the rate and into epsilon (the paper's section 2, last paragraph)
    scalars(step, learningRate) {
      const correction = Math.sqrt(1 - beta2 ** step)
      return {
        rate: (learningRate * correction) / (1 - beta1 ** step),
        epsilon: epsilon * correction,
        kept: 1 - learningRate * weightDecay,
      }
    },
    update(parameters, gradient, { moment1, moment2 }, { rate, epsilon, kept }) {
      const first = add(mul(moment1!, beta1), mul(gradient, 1 - beta1)) as Tensor1D
      const second = add(mul(moment2!, beta2), mul(square(gradient), 1 - beta2)) as Tensor1D
      const change = mul(div(first, add(sqrt(second), epsilon!)), rate!)
      const decayed = weightDecay > 0 ? mul(parameters, kept!) : parameters
      return { parameters: sub(decayed, change) as Tensor1D, moments: { moment1: first, moment2: second } }
    },
  }
}

/** Gradient descent with momentum: v' = momentum v + g; parameters' = parameters - rate v' (the paper's optimiser). */
function sgd({ momentum, weightDecay }: OptimiserOptions): Optimiser {
  return {
    moments: ['moment1'],
    scalars: (_step, learningRate) => ({ rate: learningRate, kept: 1 - learningRate * weightDecay }),
    update(parameters, gradient, { moment1 }, { rate, kept }) {
      const velocity = add(mul(moment1!, momentum), gradient) as Tensor1D
      const decayed = weightDecay > 0 ? mul(parameters, kept!) : parameters
      return { parameters: sub(decayed, mul(velocity, rate!)) as Tensor1D, moments: { moment1: velocity } }
    },
  }
}

/** The factor that brings a gradient of squared norm `squaredNorm` to a norm of at most `limit`. */
export function clipFactor(squaredNorm: Scalar, limit: number): Scalar {
  return minimum(1, div(limit, add(sqrt(squaredNorm), 1e-6)))
}

/** What the learning rate's schedule needs. */
export type RateOptions = {
  readonly learningRate: number
  readonly finalLearningRate: number
  readonly schedule: 'cosine' | 'linear' | 'constant'
  readonly warmup: number
}

/** The learning rate at `progress` in [0, 1] of the training: a linear rise over `warmup`, then the schedule. */
export function scheduledRate(options: RateOptions, progress: number): number {
  const { learningRate: first, finalLearningRate: last, schedule, warmup } = options
  if (progress < warmup) return (first * progress) / warmup
  const done = (progress - warmup) / (1 - warmup)
  if (schedule === 'constant') return first
  const share = schedule === 'linear' ? 1 - done : 0.5 * (1 + Math.cos(Math.PI * done))
  return last + (first - last) * share
}
