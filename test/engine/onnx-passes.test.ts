// The graph passes, on small graphs whose best form is plain to see.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Graph, reachable, type Value } from '../../src/engine/onnx/graph.ts'
import {
  binary,
  cast,
  concat,
  expand,
  gemm,
  reduce,
  reshape,
  scalar,
  slice,
  transpose,
  unary,
} from '../../src/engine/onnx/operators.ts'
import { optimise } from '../../src/engine/onnx/passes/index.ts'
import { cut } from '../../src/engine/onnx/stages.ts'

/** A graph and its inputs a, b, c, ... of these shapes. */
function inputs(...shapes: number[][]): [Graph, ...Value[]] {
  const graph = new Graph()
  const names = [...'abcdefgh']
  return [graph, ...shapes.map((shape, i) => graph.input({ stage: 0, name: names[i]! }, shape, 'float32'))]
}

const best = (value: Value): Value => optimise([{ value, stage: 0, to: { host: 'y' } }])[0]!.value

/** An expression in words: `Add(a, 2)`. */
function say(value: Value): string {
  if (value.source) return value.source.name
  if (value.op === 'Constant') return typeof value.data === 'number' ? String(value.data) : 'constant'
  const { transA, transB } = value.attributes
  const marks = value.op === 'Gemm' ? `${transA ? 'T' : ''}${transB ? '|T' : ''}` : ''
  return `${value.op}${marks}(${value.inputs.map(say).join(', ')})`
}
const becomes = (value: Value, expected: string) => {
  const result = best(value)
  assert.is(say(result), expected)
  assert.equal(result.shape, value.shape)
}

test('equal expressions are one expression', () => {
  const [, a, b] = inputs([2], [2]) as [Graph, Value, Value]
  assert.is(binary('Add', a, b), binary('Add', a, b))
  assert.is.not(binary('Add', a, b), binary('Add', b, a))
  assert.is.not(binary('Add', a, b), binary('Sub', a, b))
})

test('zero and minus zero are two constants, and NaN is one', () => {
  const graph = new Graph()
  assert.is.not(scalar(graph, 0), scalar(graph, -0))
  assert.is(scalar(graph, Number.NaN), scalar(graph, Number.NaN))
})

test('adding 0 and multiplying by 1 vanish, multiplying by 0 leaves zeros', () => {
  const [graph, a] = inputs([2, 3]) as [Graph, Value]
  becomes(binary('Add', a, scalar(graph, 0)), 'a')
  becomes(binary('Add', graph.constant(0, [2, 3], 'float32'), a), 'a')
  becomes(binary('Mul', scalar(graph, 1), a), 'a')
  becomes(binary('Div', a, scalar(graph, 1)), 'a')
  becomes(binary('Mul', a, scalar(graph, 0)), '0')
})

test('adding zeros that broadcast keeps the broadcast', () => {
  const [graph, a] = inputs([3]) as [Graph, Value]
  becomes(binary('Add', a, graph.constant(0, [2, 3], 'float32')), 'Expand(a)')
})

test('constants of equal elements are computed while compiling, rounded to float32', () => {
  const graph = new Graph()
  const third = binary('Div', graph.constant(1, [4], 'float32'), scalar(graph, 3))
  assert.is(best(third).data, Math.fround(1 / 3))
  becomes(reduce('ReduceSum', graph.constant(2, [3, 4], 'float32'), [0]), '6')
})

test('scalars are not expanded before they are used', () => {
  const [graph, a, b] = inputs([2, 3], []) as [Graph, Value, Value]
  becomes(binary('Mul', a, graph.constant(2, [2, 3], 'float32')), 'Mul(a, 2)')
  becomes(binary('Mul', a, expand(b, [2, 3])), 'Mul(a, b)')
  // mean's gradient: (dy / 6) broadcast, times a
  becomes(binary('Mul', a, binary('Div', expand(b, [2, 3]), scalar(graph, 6))), 'Mul(a, Div(b, 6))')
})

test('scalar factors of small tensors meet only where both are known', () => {
  const [graph, a, s, t] = inputs([2, 3], [], []) as [Graph, Value, Value, Value]
  becomes(binary('Mul', binary('Mul', a, scalar(graph, 2)), scalar(graph, 3)), 'Mul(a, 6)')
  becomes(binary('Mul', binary('Mul', a, s), t), 'Mul(Mul(a, b), c)')
})

test('scalar factors of large tensors meet', () => {
  const [, a, b, c, d] = inputs([5000], [5000], [], []) as [Graph, Value, Value, Value, Value]
  becomes(binary('Mul', binary('Mul', a, c), d), 'Mul(a, Mul(c, d))')
  const scaled = binary('Mul', a, c)
  becomes(binary('Mul', scaled, scaled), 'Mul(Mul(a, a), Mul(c, c))')
  becomes(binary('Mul', binary('Div', binary('Mul', a, c), b), d), 'Mul(Div(a, b), Mul(c, d))')
})

test('reshapes, transposes and casts that undo each other vanish', () => {
  const [, a] = inputs([2, 3]) as [Graph, Value]
  becomes(reshape(reshape(a, [6]), [2, 3]), 'a')
  becomes(reshape(reshape(a, [6]), [3, 2]), 'Reshape(a)')
  becomes(transpose(transpose(a, [1, 0]), [1, 0]), 'a')
  becomes(cast(cast(cast(a, 'bool'), 'int32'), 'float32'), 'Cast(Cast(a))')
  becomes(transpose(reshape(a, [1, 6]), [1, 0]), 'Reshape(a)')
})

test('slices of a concatenation are its parts, and slices put together again are the whole', () => {
  const [, a, b] = inputs([2, 3], [4, 3]) as [Graph, Value, Value]
  becomes(slice(concat([a, b], 0), [2, 0], [4, 3]), 'b')
  becomes(slice(concat([a, b], 0), [3, 1], [2, 2]), 'Slice(b)')
  becomes(concat([slice(b, [0, 0], [1, 3]), slice(b, [1, 0], [3, 3])], 0), 'b')
  becomes(concat([slice(b, [1, 0], [3, 3]), slice(b, [0, 0], [1, 3])], 0), 'Concat(Slice(b), Slice(b))')
})

test('a slice of what was padded is a slice of the inside, or the padding itself', () => {
  const [graph, a] = inputs([2, 3]) as [Graph, Value]
  // three rows of 7 above the two of a
  const padded = graph.apply('Pad', [a, scalar(graph, 7)], [5, 3], 'float32', { pads: [3, 0, 0, 0] })
  becomes(slice(padded, [0, 0], [2, 3]), '7')
  becomes(slice(padded, [4, 0], [1, 3]), 'Slice(a)')
  becomes(slice(padded, [3, 0], [2, 3]), 'a')
  becomes(slice(padded, [2, 0], [2, 3]), 'Slice(Pad(a, 7))')
})

test('one number in all places is reshaped for nothing', () => {
  const [, a, b] = inputs([], [2, 3]) as [Graph, Value, Value]
  becomes(binary('Mul', b, reshape(expand(a, [6]), [2, 3])), 'Mul(b, a)')
})

test('a matrix product takes transposes and the bias in, and a product with zeros is zeros', () => {
  const [graph, a, b, c] = inputs([3, 2], [3, 4], [4]) as [Graph, Value, Value, Value]
  becomes(gemm(transpose(a, [1, 0]), b, false, false), 'GemmT(a, b)')
  becomes(gemm(graph.constant(0, [2, 3], 'float32'), b, false, false), '0')
  becomes(binary('Add', gemm(a, b, true, false), c), 'GemmT(a, b, c)')
})

test('a recurrent step is two products, one inside the other', () => {
  const [, x, h, w, u, b, c] = inputs([5, 3], [5, 4], [3, 4], [4, 4], [4], [4]) as [Graph, ...Value[]] as [
    Graph,
    Value,
    Value,
    Value,
    Value,
    Value,
    Value,
  ]
  const [left, right] = [binary('Add', gemm(x, w, false, false), b!), binary('Add', gemm(h, u, false, false), c)]
  becomes(binary('Add', left, right), 'Gemm(a, c, Gemm(b, d, Add(e, f)))')
})

test('a bias is not taken into a product that something else needs bare', () => {
  const [, a, b, c] = inputs([2, 3], [3, 4], [4]) as [Graph, Value, Value, Value]
  const product = gemm(a, b, false, false)
  becomes(binary('Mul', binary('Add', product, c), product), 'Mul(Add(Gemm(a, b), c), Gemm(a, b))')
})

test('the gradient of a ReLU asks the ReLU that is there for its truth', () => {
  const [, a, b] = inputs([2], [2]) as [Graph, Value, Value]
  becomes(binary('Mul', b, unary('Sign', unary('Relu', a))), 'Mul(b, Cast(Cast(Relu(a))))')
})

test('a sum of weight gradients over time is one product of what lies under each other', () => {
  const [, x1, x2, x3, y1, y2, y3] = inputs([2, 3], [2, 3], [2, 3], [2, 4], [2, 4], [2, 4]) as [Graph, ...Value[]]
  const outer = (x: Value, y: Value) => gemm(x, y, true, false)
  // tfjs adds the last step first
  const sum = binary('Add', binary('Add', outer(x3!, y3!), outer(x2!, y2!)), outer(x1!, y1!))
  becomes(sum, 'GemmT(Concat(a, b, c), Concat(d, e, f))')
})

test('a sum of bias gradients over time is one sum of the columns', () => {
  const [, a, b] = inputs([2, 3], [2, 3]) as [Graph, Value, Value]
  becomes(binary('Add', reduce('ReduceSum', a, [0]), reduce('ReduceSum', b, [0])), 'ReduceSum(Concat(a, b))')
})

test('what is done to every step alike is done once to all steps', () => {
  const [graph, x1, x2, y1, y2, w] = inputs([2, 3], [2, 3], [2, 4], [2, 4], [4, 3]) as [
    Graph,
    Value,
    Value,
    Value,
    Value,
    Value,
  ]
  // dY_t W', masked by x_t, halved, in the product with x_t
  const back = (x: Value, y: Value) =>
    binary('Mul', binary('Mul', gemm(y, w, false, false), unary('Tanh', x)), scalar(graph, 0.5))
  const sum = binary('Add', gemm(x2, back(x2, y2), true, false), gemm(x1, back(x1, y1), true, false))
  becomes(sum, 'GemmT(Concat(a, b), Mul(Mul(Gemm(Concat(c, d), e), Tanh(Concat(a, b))), 0.5))')
})

test('reductions and softmaxes are done at once for all steps where they leave the steps apart, and only there', () => {
  const [, a, b] = inputs([2, 3], [2, 3]) as [Graph, Value, Value]
  const both = (make: (x: Value) => Value): Value => concat([make(a), make(b)], 0)
  for (const op of ['ReduceMax', 'ReduceMean']) {
    becomes(
      both((x) => reduce(op, x, [1], true)),
      `${op}(Concat(a, b))`,
    )
    becomes(
      both((x) => reduce(op, x, [0], true)),
      `Concat(${op}(a), ${op}(b))`,
    )
    becomes(
      both((x) => reduce(op, x, [0, 1], true)),
      `Concat(${op}(a), ${op}(b))`,
    )
  }
  const softmax = (axis: number) => (x: Value) => x.graph.apply('Softmax', [x], x.shape, x.dtype, { axis })
  becomes(both(softmax(1)), 'Softmax(Concat(a, b))')
  becomes(both(softmax(0)), 'Concat(Softmax(a), Softmax(b))')
})

test('what something else needs step by step is not batched', () => {
  const [, a, b] = inputs([2, 3], [2, 3]) as [Graph, Value, Value]
  const [left, right] = [unary('Exp', a), unary('Exp', b)]
  const both = concat([left, right], 0)
  const outputs = [both, left].map((value, i) => ({ value, stage: 0, to: { host: `y${i}` } }))
  assert.equal(
    optimise(outputs).map(({ value }) => say(value)),
    ['Concat(Exp(a), Exp(b))', 'Exp(a)'],
  )
})

test('parts from earlier stages lie end to end, so that no stage concatenates them', () => {
  const graph = new Graph()
  const xs = [0, 1, 2].map((stage) => graph.input({ stage, name: 'x' }, [2, 3], 'float32'))
  const hs = xs.map((x) => unary('Tanh', x))
  const outputs = [
    ...hs.map((value, stage) => ({ value, stage, to: { host: 'h' } })),
    { value: unary('Exp', concat(hs, 0)), stage: 3, to: { host: 'all' } },
    { value: unary('Exp', concat(hs.slice(1), 0)), stage: 3, to: { host: 'some' } },
    { value: unary('Exp', reshape(concat(hs, 0), [18])), stage: 3, to: { host: 'flat' } },
    { value: unary('Exp', concat([hs[2]!, hs[0]!], 0)), stage: 3, to: { host: 'other' } },
  ]
  const { stages, strips } = cut(outputs, 4)
  assert.equal(
    stages.map(({ nodes }) => nodes.map(({ op }) => op).join(' ')),
    ['Tanh', 'Tanh', 'Tanh', 'Exp Exp Exp Concat Exp'],
  )
  assert.is(strips.length, 1)
  assert.equal([...strips[0]!.wholes.values()], [0, 6])
  assert.equal(reachable([outputs[3]!.value]).length, 8)
})

test('reshapes and rows of what comes from outside are windows on its memory', () => {
  const [, a] = inputs([4, 6]) as [Graph, Value]
  const rows = slice(a, [1, 0], [2, 6])
  const outputs = [reshape(rows, [12]), slice(a, [0, 2], [4, 2]), slice(reshape(a, [2, 2, 6]), [1, 0, 0], [1, 1, 6])]
    .map((value) => unary('Exp', value))
    .map((value, i) => ({ value, stage: 0, to: { host: `y${i}` } }))
  const { stages, windows } = cut(outputs, 1)
  // The middle one takes columns, which do not lie one after another.
  assert.equal(stages[0]!.nodes.map(({ op }) => op).sort(), ['Exp', 'Exp', 'Exp', 'Slice'])
  // Rows from 1 begin at element 6; plane 1 begins at element 12.
  assert.equal([...windows.values()].map(({ offset }) => offset).sort(), [0, 0, 12, 6])
})

test.run()
