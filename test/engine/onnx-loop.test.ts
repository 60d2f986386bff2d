// Element-wise stages as loops of our own: the same numbers as ONNX Runtime's, wherever the operands lie, and only where a
// stage is nothing else.

import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Definition, Engine, Tensors } from '../../src/engine/engine.ts'
import { Arena } from '../../src/engine/onnx/arena.ts'
import { createOnnxEngine } from '../../src/engine/onnx/index.ts'
import { loopOf } from '../../src/engine/onnx/loop.ts'
import { optimise } from '../../src/engine/onnx/passes/index.ts'
import { cut } from '../../src/engine/onnx/stages.ts'
import { trace } from '../../src/engine/onnx/trace.ts'
import { WebAssembly } from '../../src/engine/webassembly.ts'
import { floats } from './onnx-support.ts'

const operators = await createOnnxEngine({ loops: false })
const loops = await createOnnxEngine()
/** No multiple of four, so that the last elements are done one by one. */
const length = 4099
const vector = { shape: [length], dtype: 'float32' } as const
const scalar = { shape: [], dtype: 'float32' } as const

/** A definition that reads the vector `v`, is given `x` and the scalar `s`, and gives what `compute` does. */
function definitionOf(compute: (v: Tensor1D, x: Tensor1D, s: Tensor) => Tensors, size = length): Definition {
  const shape = { ...vector, shape: [size] }
  return {
    name: 'loop',
    reads: { v: [{ name: 'values', shape: [size] }] },
    stages: [{ x: shape, s: scalar }],
    *body({ v }, { x, s }) {
      yield* []
      return compute(v!.values as Tensor1D, x as Tensor1D, s!)
    },
  }
}

const isLoop = (definition: Definition): boolean => {
  const [stage] = cut(optimise(trace(definition).outputs), 1).stages
  return loopOf(stage!, Arena.create()!) !== undefined
}

async function run(
  engine: Engine,
  definition: Definition,
  s: number,
  shared = false,
): Promise<Record<string, number[]>> {
  const v = engine.vector(length)
  v.write(floats([length], 1).values as Float32Array)
  const given = floats([length], 2).values as Float32Array
  const x = shared ? new Float32Array(new SharedArrayBuffer(4 * length)) : given
  if (shared) x.set(given)
  const program = engine.compile(definition)
  try {
    const results = await program.run({ v }, () => ({ x, s: Float32Array.of(s) }))
    return Object.fromEntries(Object.entries(results).map(([name, values]) => [name, [...values]]))
  } finally {
    program.dispose()
  }
}

const computations: Record<string, (v: Tensor1D, x: Tensor1D, s: Tensor) => Tensors> = {
  'sums and differences': (v, x, s) => ({ a: tf.add(v, x), b: tf.sub(s, tf.sub(v, x)), c: tf.add(v, 2.5) }),
  'products and quotients': (v, x, s) => ({ a: tf.mul(v, tf.mul(x, s)), b: tf.div(x, v), c: tf.div(s, x) }),
  'roots, signs and bounds': (v, x, s) => ({
    a: tf.sqrt(tf.abs(v)),
    b: tf.neg(tf.minimum(x, s)),
    c: tf.maximum(v, x),
    d: tf.sqrt(x), // of negative numbers too: NaN
  }),
  'arithmetic on scalars alone': (v, _x, s) => ({ a: tf.mul(v, tf.div(tf.sqrt(tf.add(s, 1)), 3)), b: tf.mul(s, s) }),
  'a value that is both handed out and used again': (v, x) => {
    const product = tf.mul(v, x)
    return { a: product, b: tf.add(product, v) }
  },
}

for (const [title, compute] of Object.entries(computations))
  test(`${title}: a loop gives the bits that operators give`, async () => {
    const definition = definitionOf(compute)
    assert.ok(isLoop(definition), 'it is a loop')
    for (const shared of [false, true])
      assert.equal(await run(loops, definition, 0.75, shared), await run(operators, definition, 0.75, shared))
  })

test('infinities, NaN and signed zeros go through a loop as through operators', async () => {
  const definition = definitionOf((v, x, s) => ({
    a: tf.div(tf.sub(v, v), tf.sub(x, x)), // 0 / 0
    b: tf.div(v, tf.mul(x, 0)), // +-infinity
    c: tf.minimum(tf.div(s, tf.sub(v, v)), x),
    d: tf.maximum(tf.sqrt(v), x), // NaN on one side
    e: tf.mul(tf.neg(tf.abs(v)), s), // -0
  }))
  assert.equal(await run(loops, definition, 0), await run(operators, definition, 0))
})

test('a sum over all elements is taken in float64', async () => {
  const definition = definitionOf((v, x) => ({ total: tf.sum(tf.mul(v, x)) }))
  assert.ok(isLoop(definition))
  const { total } = await run(loops, definition, 1)
  const [v, x] = [floats([length], 1).values, floats([length], 2).values]
  const exact = Array.from(v, (value, i) => Math.fround(value * x[i]!)).reduce((sum, value) => sum + value, 0)
  assert.is(total![0], Math.fround(exact))
})

test('what is more than a loop is left to ONNX Runtime', () => {
  assert.not(isLoop(definitionOf((v) => ({ a: tf.exp(v) }))), 'an operator that loops lack')
  assert.not(isLoop(definitionOf((v, x) => ({ a: tf.mul(v, tf.sum(x)) }))), 'a sum that is needed at once')
  assert.not(isLoop(definitionOf((v) => ({ a: tf.sum(tf.reshape(v, [1, length]), 0) }))), 'another shape')
  assert.not(isLoop(definitionOf((v, x) => ({ a: tf.add(v, x) }), 100)), 'too short to be worth it')
  assert.not(isLoop(definitionOf((v) => ({ a: tf.add(v, floats([length]).values) }))), 'a constant with many values')
})

test('where there is no memory left for it, a stage is no loop, and vectors lie elsewhere', async () => {
  const arena = Arena.create()!
  while (arena.allocate(1 << 22)) {}
  while (arena.allocate(1 << 10)) {}
  const [stage] = cut(optimise(trace(definitionOf((v, x) => ({ a: tf.add(v, x) }))).outputs), 1).stages
  assert.is(loopOf(stage!, arena), undefined)
})

test('where the system has no memory to give, operators do the work', () => {
  const { Memory } = WebAssembly
  Object.assign(WebAssembly, {
    Memory: class {
      constructor() {
        throw new RangeError('could not allocate memory')
      }
    },
  })
  try {
    assert.is(Arena.create(), undefined)
  } finally {
    Object.assign(WebAssembly, { Memory })
  }
})

test('an arena hands out zeros that do not overlap', () => {
  const arena = Arena.create()!
  const arrays = [3, 17, 5000].map((size) => arena.allocate(size)!)
  for (const [i, array] of arrays.entries()) {
    assert.ok(array.every((value) => value === 0))
    array.fill(i + 1)
  }
  for (const [i, array] of arrays.entries()) assert.ok(array.every((value) => value === i + 1))
})

test.run()
