// Gradients taken while tracing, against tfjs's own on the cpu backend.

import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-layers'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Definition, lengthOf } from '../../src/engine/engine.ts'
import { engine, floats, type Given, given, map, near } from './onnx-support.ts'

type Loss = (...tensors: never[]) => Tensor

/** The loss and its gradients with respect to all tensors, by the traced engine. */
async function traced(loss: Loss, parameters: readonly Given[]): Promise<{ loss: number; gradient: Float32Array }> {
  const layout = parameters.map(({ shape }, i) => ({ name: `p${i}`, shape }))
  const definition: Definition = {
    name: 'gradient',
    reads: { parameters: layout },
    stages: [{}],
    gradient: { of: 'parameters', into: 'gradient' },
    // biome-ignore lint/correctness/useYield: nothing for the host to see in between
    *body({ parameters: tensors }) {
      return { loss: loss(...(Object.values(tensors!) as never[])) }
    },
  }
  const vectors = { parameters: engine.vector(lengthOf(layout)), gradient: engine.vector(lengthOf(layout)) }
  vectors.parameters.write(Float32Array.from(parameters.flatMap(({ values }) => [...values])))
  vectors.gradient.write(new Float32Array(lengthOf(layout)).fill(777))
  const program = engine.compile(definition)
  const result = await program.run(vectors, () => ({}))
  program.dispose()
  return { loss: result.loss![0]!, gradient: await vectors.gradient.read() }
}

function eager(loss: Loss, parameters: readonly Given[]): { loss: number; gradient: number[] } {
  return tf.tidy(() => {
    const tensors = parameters.map(({ values, shape }) => tf.tensor(values, [...shape]))
    const { value, grads } = tf.valueAndGrads((...xs) => loss(...(xs as never[])) as Scalar)(tensors)
    return { loss: value.dataSync()[0]!, gradient: grads.flatMap((grad) => [...grad.dataSync()]) }
  })
}

async function agree(title: string, loss: Loss, parameters: readonly Given[]): Promise<void> {
  const [got, want] = [await traced(loss, parameters), eager(loss, parameters)]
  near([got.loss], [want.loss], `${title}: loss`, 1e-4)
  near(got.gradient, want.gradient, `${title}: gradient`, 1e-4)
}

const sum = (x: Tensor) => tf.sum(tf.mul(x, tf.cast(tf.add(tf.reshape(tf.range(0, x.size), x.shape), 1), 'float32')))
const positive = map(floats([3, 5]), (x) => Math.abs(x) + 0.5)
const small = map(floats([3, 5]), (x) => x / 2.5)

const functions: Record<string, (x: Tensor) => Tensor> = {
  relu: tf.relu,
  relu6: tf.relu6,
  leakyRelu: (x) => tf.leakyRelu(x, 0.1),
  elu: tf.elu,
  selu: tf.selu,
  sigmoid: tf.sigmoid,
  softplus: tf.softplus,
  tanh: tf.tanh,
  erf: tf.erf,
  exp: tf.exp,
  abs: tf.abs,
  neg: tf.neg,
  square: tf.square,
  sin: tf.sin,
  cos: tf.cos,
  softmax: (x) => tf.softmax(x),
  logSoftmax: (x) => tf.logSoftmax(x),
  logSumExp: (x) => tf.logSumExp(x, 1),
  clipByValue: (x) => tf.clipByValue(x, -0.7, 1.1),
  mean: (x) => tf.mean(x, 0),
  max: (x) => tf.max(x, 1),
  min: (x) => tf.min(x, 0),
  sum: (x) => tf.sum(x, 1, true),
  cumsum: (x) => tf.cumsum(x, 1),
  reshape: (x) => tf.reshape(x, [5, 3]),
  transpose: (x) => tf.transpose(x),
  slice: (x) => tf.slice(x, [1, 1], [2, 3]),
  pad: (x) =>
    tf.pad(x as Tensor2D, [
      [1, 0],
      [2, 1],
    ]),
  tile: (x) => tf.tile(x, [2, 1]),
  reverse: (x) => tf.reverse(x, 1),
  split: (x) => tf.add(...(tf.split(tf.slice(x, [0, 0], [3, 4]), 2, 1) as [Tensor, Tensor])),
  'stack of unstack': (x) => tf.stack(tf.unstack(x, 1), 0),
  'concat with itself': (x) => tf.concat([x, tf.mul(x, 2)], 1),
  gather: (x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32')),
  where: (x) => tf.where(tf.greater(tf.linspace(-1, 1, 5), 0.1), tf.square(x), tf.neg(x)),
  'expandDims and squeeze': (x) => tf.squeeze(tf.mul(tf.expandDims(x, 1), 3)),
}
for (const [name, f] of Object.entries(functions)) {
  test(`the gradient of ${name} is tfjs's`, () => agree(name, ((x: Tensor) => sum(f(x))) as never, [floats([3, 5])]))
}
for (const [name, f] of Object.entries({ log: tf.log, sqrt: tf.sqrt, rsqrt: tf.rsqrt, reciprocal: tf.reciprocal })) {
  test(`the gradient of ${name} is tfjs's`, () => agree(name, ((x: Tensor) => sum(f(x))) as never, [positive]))
}
for (const [name, f] of Object.entries({ log1p: tf.log1p, expm1: tf.expm1, atan: tf.atan, asin: tf.asin })) {
  test(`the gradient of ${name} is tfjs's`, () => agree(name, ((x: Tensor) => sum(f(x))) as never, [small]))
}

const pairs: Record<string, (a: Tensor, b: Tensor) => Tensor> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  pow: (a, b) => tf.pow(tf.add(tf.abs(a), 0.5), b),
}
for (const [name, f] of Object.entries(pairs)) {
  test(`the gradient of ${name} is tfjs's, also where an operand was broadcast`, async () => {
    for (const shape of [[3, 5], [5], [3, 1], []]) {
      await agree(`${name} [${shape}]`, ((a: Tensor, b: Tensor) => sum(f(a, b))) as never, [
        floats([3, 5]),
        floats(shape, 2),
      ])
    }
  })
}
// tfjs has no gradient of these for a broadcast operand.
for (const [name, f] of Object.entries({
  maximum: tf.maximum,
  minimum: tf.minimum,
  squaredDifference: tf.squaredDifference,
})) {
  test(`the gradient of ${name} is tfjs's`, () =>
    agree(name, ((a: Tensor, b: Tensor) => sum(f(a, b))) as never, [floats([3, 5]), floats([3, 5], 2)]))
}
test("the gradient of matMul is tfjs's, transposed or not", async () => {
  for (const [a, b, transposeA, transposeB] of [
    [[3, 5], [5, 2], false, false],
    [[5, 3], [5, 2], true, false],
    [[3, 5], [2, 5], false, true],
    [[5, 3], [2, 5], true, true],
    [[2, 3, 5], [2, 5, 4], false, false],
  ] as const) {
    const product = (x: Tensor, y: Tensor) => sum(tf.matMul(x, y, transposeA, transposeB))
    await agree(`[${a}] [${b}]`, product as never, [floats(a), floats(b, 2)])
  }
})

/** h_{t+1} = relu(x_t W + b + h_t U), a head at every step; the sum over time of everything. */
function recurrent(steps: number, activate: (x: Tensor) => Tensor): Loss {
  return ((w: Tensor2D, b: Tensor1D, u: Tensor2D, v: Tensor2D) => {
    let h: Tensor = tf.zeros([4, 6])
    const heads: Tensor[] = []
    for (let t = 0; t < steps; t++) {
      const x = tf.add(tf.reshape(tf.linspace(-1, 1, 12), [4, 3]), t / 5) as Tensor2D
      h = activate(tf.add(tf.add(tf.matMul(x, w), b), tf.matMul(h as Tensor2D, u)))
      heads.push(tf.tanh(tf.matMul(h as Tensor2D, v)))
    }
    return tf.mean(tf.square(tf.sub(tf.stack(heads), 0.3)))
  }) as never
}
const weights = [floats([3, 6]), floats([6], 2), floats([6, 6], 3), floats([6, 2], 4)]
for (const steps of [1, 2, 5]) {
  test(`through ${steps} steps of a recurrent network the gradient is tfjs's`, async () => {
    await agree('relu', recurrent(steps, tf.relu), weights)
    await agree('tanh', recurrent(steps, tf.tanh), weights)
  })
}

test('a stop-gradient stops, and what the loss does not depend on gets zeros', async () => {
  const detach = (x: Tensor) =>
    (tf.customGrad as unknown as (f: (x: Tensor) => object) => (x: Tensor) => Tensor)((x) => ({
      value: tf.clone(x),
      gradFunc: (dy: Tensor) => tf.zerosLike(dy),
    }))(x)
  // d/da (a * detach(b)) = b, d/db = 0, and c is in no term
  const loss = (a: Tensor, b: Tensor, _c: Tensor) => tf.sum(tf.mul(a, detach(b)))
  const { gradient } = await traced(loss as never, [given([2], [1, 2]), given([2], [3, 4]), given([3], [5, 6, 7])])
  assert.equal([...gradient], [3, 4, 0, 0, 0, 0, 0])
})

test.run()
