// The policy's distributions: over the next location (Gaussian), over choices (categorical), over stopping (Bernoulli).
// Log-probabilities and entropies on tensors, differentiable; sampling on typed arrays, from a seeded generator.

import {
  add,
  exp,
  log,
  logSoftmax,
  mul,
  neg,
  oneHot,
  type Scalar,
  softplus,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
} from '@tensorflow/tfjs-core'
import type { Rng } from '../core/rng.ts'

const halfLogTau = 0.5 * Math.log(2 * Math.PI)

/** log N(x; mean, std^2 I), the two coordinates summed: [T, B, 2], [T, B, 2] -> [T, B]. */
export function gaussianLogProb(x: Tensor3D, mean: Tensor3D, std: Scalar): Tensor2D {
  const standardised = mul(sub(x, mean), exp(neg(log(std))))
  const perAxis = add(mul(square(standardised), 0.5), add(log(std), halfLogTau))
  return neg(sum<Tensor2D>(perAxis, -1))
}

/** log p(choice): logits [..., K], choices int32 [...] -> [...]. */
export function categoricalLogProb(logits: Tensor, choice: Tensor): Tensor {
  const classCount = logits.shape.at(-1)!
  return sum(mul(logSoftmax(logits), oneHot(choice, classCount)), -1)
}

/** Entropy in nats of a categorical: logits [..., K] -> [...]. */
export function categoricalEntropy(logits: Tensor): Tensor {
  const logProb = logSoftmax(logits)
  return neg(sum(mul(exp(logProb), logProb), -1))
}

/** log p(stop) of a Bernoulli with the log-odds `logit`, for stop in {0, 1}: -softplus(logit) + stop * logit. */
export function bernoulliLogProb(logit: Tensor, stop: Tensor): Tensor {
  return sub(mul(logit, stop), softplus(logit))
}

/** Entropy in nats of a Bernoulli with the log-odds `logit`: softplus(logit) - p * logit. */
export function bernoulliEntropy(logit: Tensor): Tensor {
  return sub(softplus(logit), mul(logit, exp(neg(softplus(neg(logit))))))
}

/** Draw from N(mean, std^2) into `out`, number by number. */
export function sampleGaussian(mean: Float32Array, std: number, rng: Rng, out: Float32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = mean[i]! + std * rng.normal()
}

/** Draw one of K per row of logits [B, K] into `out` [B], by the Gumbel-max trick. */
export function sampleCategorical(logits: Float32Array, rng: Rng, out: Int32Array): void {
  const classCount = logits.length / out.length
  for (let row = 0; row < out.length; row++) {
    let best = Number.NEGATIVE_INFINITY
    for (let k = 0; k < classCount; k++) {
      const perturbed = logits[row * classCount + k]! - Math.log(-Math.log((rng.next() + 0.5) / 4294967296))
      if (perturbed > best) {
        best = perturbed
        out[row] = k
      }
    }
  }
}

/** The largest of K per row of logits [B, K] into `out` [B]; the first of equals. */
export function argMaxRows(logits: Float32Array, out: Int32Array): void {
  const classCount = logits.length / out.length
  for (let row = 0; row < out.length; row++) {
    let best = 0
    for (let k = 1; k < classCount; k++) if (logits[row * classCount + k]! > logits[row * classCount + best]!) best = k
    out[row] = best
  }
}

/** Softmax per row: logits [B, K] -> probabilities, float32 [B, K]. */
export function softmaxRows(logits: Float32Array, classCount: number): Float32Array {
  const probabilities = new Float32Array(logits.length)
  for (let row = 0; row < logits.length; row += classCount) {
    let largest = Number.NEGATIVE_INFINITY
    for (let k = row; k < row + classCount; k++) largest = Math.max(largest, logits[k]!)
    let total = 0
    for (let k = row; k < row + classCount; k++) {
      const weight = Math.exp(logits[k]! - largest)
      probabilities[k] = weight
      total += weight
    }
    for (let k = row; k < row + classCount; k++) probabilities[k]! /= total
  }
  return probabilities
}
