// Every kernel that the traced engine records, against tfjs's cpu backend.

import * as tf from '@tensorflow/tfjs-core'
import { type Tensor, type Tensor1D, type Tensor2D, engine as tfEngine } from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { kernels } from '../../src/engine/onnx/kernels/index.ts'
import { agree, floats, type Given, given, integers, map } from './onnx-support.ts'

type Unary = (x: Tensor) => Tensor
type Binary = (a: Tensor, b: Tensor) => Tensor

const shapes: readonly (readonly number[])[] = [[], [1], [7], [3, 5], [2, 1, 3], [0], [3, 0]]
const pairs: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [3, 5],
    [3, 5],
  ],
  [[3, 5], [5]],
  [[], [2, 3]],
  [
    [4, 1],
    [1, 3],
  ],
  [
    [2, 3, 1],
    [1, 4],
  ],
  [[0, 3], [3]],
]
const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1, -1, 100, -100, 1e-20]
const specials = given([special.length], special)
const finite = given([6], [0, -0, 1, -1, 100, -100])
const crossed = (): [Given, Given] => [given([special.length, 1], special), given([special.length], special)]

const positive = (shape: readonly number[]) => map(floats(shape), (x) => Math.abs(x) + 0.1)
const unit = (shape: readonly number[]) => map(floats(shape), (x) => x / 2.1)
const identity = (shape: readonly number[]) => floats(shape)

type Case = { f: Unary; from?: (shape: readonly number[]) => Given; at?: Given | null; tolerance?: number }
const unaries: Record<string, Case> = {
  Abs: { f: tf.abs },
  Neg: { f: tf.neg },
  Sign: { f: tf.sign, at: finite },
  Square: { f: tf.square },
  Floor: { f: tf.floor },
  Ceil: { f: tf.ceil },
  Round: { f: tf.round, at: given([8], [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0, 7]) },
  Exp: { f: tf.exp },
  Expm1: { f: tf.expm1, at: given([9], [0, 1e-6, -1e-6, 0.5, -0.5, 30, -30, Number.NaN, Number.NEGATIVE_INFINITY]) },
  Log: { f: tf.log, from: positive },
  Log1p: {
    f: tf.log1p,
    from: positive,
    at: given([7], [0, 1e-7, -1e-7, 1e-20, -1, Number.NaN, Number.POSITIVE_INFINITY]),
  },
  Sqrt: { f: tf.sqrt, from: positive },
  Rsqrt: { f: tf.rsqrt, from: positive },
  Reciprocal: { f: tf.reciprocal },
  Sin: { f: tf.sin, at: finite },
  Cos: { f: tf.cos, at: finite },
  Tan: { f: tf.tan, at: finite },
  Asin: { f: tf.asin, from: unit, at: finite },
  Acos: { f: tf.acos, from: unit, at: finite },
  Atan: { f: tf.atan },
  Sinh: { f: tf.sinh, at: given([4], [0, 1, -1, 20]) },
  Cosh: { f: tf.cosh, at: given([4], [0, 1, -1, 20]) },
  Tanh: { f: tf.tanh },
  Asinh: { f: tf.asinh, at: given([3], [0, 1, -1]) },
  Acosh: { f: (x) => tf.acosh(tf.add(tf.abs(x), 1.5)), at: given([3], [0, 1, -1]) },
  Atanh: { f: tf.atanh, from: unit, at: given([3], [0, 0.5, -0.5]) },
  Erf: { f: tf.erf },
  Sigmoid: { f: tf.sigmoid },
  Softplus: { f: tf.softplus, at: given([7], [0, 1, -1, 100, -100, 15, Number.NaN]) },
  Relu: { f: tf.relu },
  Relu6: { f: tf.relu6 },
  LeakyRelu: { f: (x) => tf.leakyRelu(x, 0.3) },
  Elu: { f: tf.elu },
  Selu: { f: tf.selu },
  Step: { f: (x) => tf.step(x) },
  'Step with a slope': { f: (x) => tf.step(x, 0.25) },
  ClipByValue: { f: (x) => tf.clipByValue(x, -0.7, 1.1) },
  IsNan: { f: tf.isNaN },
  IsInf: { f: tf.isInf },
  IsFinite: { f: tf.isFinite },
  OnesLike: { f: tf.onesLike },
  ZerosLike: { f: tf.zerosLike },
  Identity: { f: tf.clone },
  'Cast to bool': { f: (x) => tf.cast(x, 'bool') },
  'Cast to int32': { f: (x) => tf.cast(x, 'int32'), at: given([4], [1.9, -1.9, 0, -0.5]) },
  LogicalNot: { f: (x) => tf.logicalNot(tf.cast(x, 'bool')) },
}
for (const [name, { f, from = identity, at = specials, tolerance }] of Object.entries(unaries)) {
  test(`${name} is what tfjs computes, for all shapes and at special values`, async () => {
    for (const shape of shapes) await agree(`${name} [${shape}]`, f as never, [from(shape)], tolerance)
    if (at) await agree(`${name} at special values`, f as never, [at], tolerance)
  })
}

const binaries: Record<string, { f: Binary; at?: boolean }> = {
  Add: { f: tf.add },
  Sub: { f: tf.sub },
  Multiply: { f: tf.mul },
  RealDiv: { f: tf.div },
  Mod: { f: tf.mod, at: false },
  Maximum: { f: tf.maximum },
  Minimum: { f: tf.minimum },
  SquaredDifference: { f: tf.squaredDifference },
  Equal: { f: tf.equal },
  NotEqual: { f: tf.notEqual },
  Greater: { f: tf.greater },
  GreaterEqual: { f: tf.greaterEqual },
  Less: { f: tf.less },
  LessEqual: { f: tf.lessEqual },
  LogicalAnd: { f: (a, b) => tf.logicalAnd(tf.greater(a, 0), tf.greater(b, 0)) },
  LogicalOr: { f: (a, b) => tf.logicalOr(tf.greater(a, 0), tf.greater(b, 0)) },
  LogicalXor: { f: (a, b) => tf.logicalXor(tf.greater(a, 0), tf.greater(b, 0)) },
  FloorDiv: { f: tf.floorDiv, at: false },
  'Pow of positive numbers': { f: (a, b) => tf.pow(tf.add(tf.abs(a), 0.5), b), at: false },
}
for (const [name, { f, at = true }] of Object.entries(binaries)) {
  test(`${name} is what tfjs computes, with broadcasting and at special values`, async () => {
    for (const [a, b] of pairs) await agree(`${name} [${a}] [${b}]`, f as never, [floats(a), floats(b, 2)])
    if (at) await agree(`${name} at special values`, f as never, crossed())
  })
}

const whole: Record<string, Binary> = {
  Add: tf.add,
  Sub: tf.sub,
  Multiply: tf.mul,
  Maximum: tf.maximum,
  Minimum: tf.minimum,
  Equal: tf.equal,
  Greater: tf.greater,
  FloorDiv: (a, b) => tf.floorDiv(tf.sub(a, tf.scalar(4, 'int32')), tf.add(b, tf.scalar(1, 'int32'))),
  Mod: (a, b) => tf.mod(tf.sub(a, tf.scalar(4, 'int32')), tf.add(b, tf.scalar(1, 'int32'))),
  'matrix product': (a, b) => tf.matMul(a as Tensor2D, b as Tensor2D, false, true),
}
for (const [name, f] of Object.entries(whole)) {
  test(`${name} keeps whole numbers whole`, () =>
    agree(name, f as never, [integers([3, 5], 9), integers([3, 5], 9, 2)]))
}

const reductions: Record<string, (x: Tensor, axis?: number | number[], keep?: boolean) => Tensor> = {
  Sum: tf.sum,
  Mean: tf.mean,
  Max: tf.max,
  Min: tf.min,
  Prod: tf.prod,
  All: (x, axis, keep) => tf.all(tf.greater(x, 0), axis, keep),
  Any: (x, axis, keep) => tf.any(tf.greater(x, 0), axis, keep),
  logSumExp: tf.logSumExp,
}
for (const [name, f] of Object.entries(reductions)) {
  test(`${name} reduces along any axes`, async () => {
    for (const [shape, axis, keep] of [
      [[3, 5], 0],
      [[3, 5], -1],
      [[3, 5], undefined],
      [[2, 3, 4], [0, 2], true],
      [[2, 3, 4], [1]],
      [[1], 0],
      [[]],
    ] as const) {
      const compute = (x: Tensor) => f(x, axis as number, keep)
      await agree(`${name} [${shape}] along ${axis}`, compute as never, [floats(shape)])
    }
  })
}
test('a sum and a mean over NaN and infinities are what tfjs computes', async () => {
  for (const f of [tf.sum, tf.mean]) {
    const x = given([3, 3], [Number.NaN, 1, 2, 3, Number.NaN, 4, 5, Number.NEGATIVE_INFINITY, 6])
    await agree(f.name, ((x: Tensor) => f(x, 1)) as never, [x])
  }
})
test('a sum over nothing is zero', () => agree('Sum', ((x: Tensor) => tf.sum(x, 1)) as never, [floats([3, 0])]))
test('ArgMax and ArgMin name the first of equals', async () => {
  const x = given([2, 4], [1, 3, 3, 0, -1, -5, -5, -1])
  for (const f of [tf.argMax, tf.argMin]) {
    for (const axis of [0, 1, -1]) await agree(f.name, ((x: Tensor) => f(x, axis)) as never, [x])
  }
})
test('Softmax and LogSoftmax normalise the last axis, -infinity included', async () => {
  const x = given([2, 3], [1, 2, Number.NEGATIVE_INFINITY, 100, -100, 0])
  for (const f of [tf.softmax, tf.logSoftmax]) {
    await agree(f.name, ((x: Tensor) => f(x)) as never, [x])
    await agree(f.name, ((x: Tensor) => f(x)) as never, [floats([2, 3, 5])])
  }
})
test('Cumsum adds up along an axis, exclusively and in reverse where asked', async () => {
  for (const [axis, exclusive, reverse] of [[0], [1, true], [1, false, true], [1, true, true]] as const) {
    await agree('Cumsum', ((x: Tensor) => tf.cumsum(x, axis, exclusive, reverse)) as never, [floats([3, 4])])
  }
})

const matrices: readonly (readonly [number[], number[], boolean?, boolean?])[] = [
  [
    [3, 5],
    [5, 2],
  ],
  [[5, 3], [5, 2], true],
  [[3, 5], [2, 5], false, true],
  [[5, 3], [2, 5], true, true],
  [
    [1, 1],
    [1, 1],
  ],
  [
    [4, 3, 5],
    [4, 5, 2],
  ],
  [[4, 5, 3], [1, 5, 2], true],
  [[4, 3, 5], [4, 2, 5], false, true],
]
test('BatchMatMul multiplies matrices and stacks of them, transposed or not', async () => {
  for (const [a, b, transposeA, transposeB] of matrices) {
    const compute = (x: Tensor, y: Tensor) => tf.matMul(x, y, transposeA, transposeB)
    await agree(`[${a}] [${b}]`, compute as never, [floats(a), floats(b, 2)])
  }
})
test('_FusedMatMul adds the bias and applies the activation', async () => {
  for (const activation of ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'] as const) {
    const compute = (a: Tensor2D, b: Tensor2D, bias: Tensor) => tf.fused.matMul({ a, b, bias, activation })
    await agree(activation, compute as never, [floats([3, 5]), floats([5, 4], 2), floats([4], 3)])
  }
  const prelu = (a: Tensor2D, b: Tensor2D, preluActivationWeights: Tensor) =>
    tf.fused.matMul({ a, b, activation: 'prelu', preluActivationWeights })
  await agree('prelu', prelu as never, [floats([3, 5]), floats([5, 4], 2), floats([4], 3)])
})

const rearrangements: Record<string, Unary | ((x: Tensor) => Tensor[])> = {
  Reshape: (x) => tf.reshape(x, [5, -1]),
  ExpandDims: (x) => tf.expandDims(x, -1),
  Transpose: (x) => tf.transpose(x),
  Slice: (x) => tf.slice(x, [1, 0], [-1, 2]),
  'Slice of nothing': (x) => tf.slice(x, [1, 0], [0, 2]),
  StridedSlice: (x) => tf.stridedSlice(x, [0, 4], [3, 0], [2, -2]),
  'StridedSlice that drops an axis': (x) => tf.stridedSlice(x, [1, 1], [2, 4], [1, 1], 0, 0, 0, 0, 1),
  Reverse: (x) => tf.reverse(x, [0, 1]),
  'Reverse of one axis': (x) => tf.reverse(x, 1),
  Tile: (x) => tf.tile(x, [2, 3]),
  BroadcastTo: (x) => tf.broadcastTo(x, [2, 3, 5]),
  PadV2: (x) =>
    tf.pad(
      x,
      [
        [1, 0],
        [2, 3],
      ],
      7,
    ),
  SplitV: (x) => tf.split(x, [1, 3, 1], 1),
  Unpack: (x) => tf.unstack(x, 1),
  Pack: (x) => tf.stack([x, tf.neg(x)], 1),
  Concat: (x) => tf.concat([x, tf.neg(x), tf.slice(x, [0, 0], [3, 1])], 1),
  'Concat with nothing': (x) => tf.concat([x, tf.zeros([0, 5])], 0),
  AddN: (x) => tf.addN([x, x, tf.neg(x)]),
  Prelu: (x) => tf.prelu(x, tf.tensor1d([0.1, 0.2, 0.3, 0.4, 0.5])),
  Fill: (x) => tf.mul(x, tf.fill([3, 5], 2)),
  Range: (x) => tf.add(x, tf.range(0, 5, 1)),
  LinSpace: (x) => tf.add(x, tf.linspace(0, 1, 5)),
}
for (const [name, f] of Object.entries(rearrangements)) {
  test(`${name} puts every element where tfjs does`, () => agree(name, f as never, [floats([3, 5])]))
}

test('Select takes elements of either, truths included', async () => {
  const inputs = [floats([3, 5]), floats([3, 5], 2)]
  await agree('elements', ((a: Tensor, b: Tensor) => tf.where(tf.greater(a, b), a, b)) as never, inputs)
  const truths = (a: Tensor, b: Tensor) => tf.where(tf.greater(a, b), tf.greater(a, 0), tf.greater(b, 0))
  await agree('truths', truths as never, inputs)
})
test('OneHot marks the named column, and none for an index outside', async () => {
  const indices = { shape: [4], values: Int32Array.of(0, 2, 3, -1) }
  await agree('default', ((i: Tensor1D) => tf.oneHot(i, 3)) as never, [indices])
  await agree('on and off', ((i: Tensor1D) => tf.oneHot(i, 3, 5, -5)) as never, [indices])
  await agree('integers', ((i: Tensor1D) => tf.oneHot(i, 3, 1, 0, 'int32')) as never, [integers([2, 3], 3)])
})
test('GatherV2 picks along any axis', async () => {
  for (const axis of [0, 1]) {
    const gather = (x: Tensor, i: Tensor1D) => tf.gather(x, i, axis)
    await agree(`axis ${axis}`, gather as never, [floats([3, 5]), integers([4], 3)])
  }
})
test('UnsortedSegmentSum adds rows up by their segment', () =>
  agree('segments', ((x: Tensor, i: Tensor1D) => tf.unsortedSegmentSum(x, i, 4)) as never, [
    floats([6, 2]),
    integers([6], 3),
  ]))
test('EluGrad is the slope of elu', () =>
  agree('EluGrad', ((dy: Tensor, y: Tensor) => tfEngine().runKernel('EluGrad', { dy, y })) as never, [
    floats([3, 5]),
    floats([3, 5], 2),
  ]))
test('numbers of other types are cast where tfjs casts them', async () => {
  await agree('float of bool', ((x: Tensor) => tf.add(tf.greater(x, 0), x)) as never, [floats([7])])
  await agree('sum of bool', ((x: Tensor) => tf.sum(tf.greater(x, 0))) as never, [floats([7])])
  await agree('mean of int32', ((x: Tensor) => tf.mean(x)) as never, [integers([7], 5)])
  await agree('exp of int32', ((x: Tensor) => tf.exp(x)) as never, [integers([7], 5)])
})

test('no kernel is left out of these tests', () => {
  const source = new Set<string>(covered)
  assert.equal(
    Object.keys(kernels).filter((name) => !source.has(name)),
    [],
  )
})

const names = (table: object) => Object.keys(table).map((title) => title.split(' ')[0]!)
const covered = [
  ...[unaries, binaries, reductions, rearrangements].flatMap(names),
  ...['ArgMax', 'ArgMin', 'Softmax', 'LogSoftmax', 'Cumsum', 'BatchMatMul', '_FusedMatMul', 'Select', 'OneHot'],
  ...['GatherV2', 'UnsortedSegmentSum', 'EluGrad'],
]

test.run()
