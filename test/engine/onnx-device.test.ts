// Values that stay in the memory of ONNX Runtime, tried on the CPU: where it computes makes no difference to the bookkeeping.

import './onnx-required.ts'
import * as tf from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { relativeDistance } from '../../bench/numbers.ts'
import { lengthOf } from '../../src/core/tensors.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { Graph, reachable } from '../../src/engine/onnx/graph.ts'
import { createOnnxEngine } from '../../src/engine/onnx/index.ts'
import { binary } from '../../src/engine/onnx/operators.ts'
import { settle } from '../../src/engine/onnx/passes/settle.ts'
import { threadsFor } from '../../src/engine/select.ts'
import { completeConfig } from '../../src/runs/config.ts'
import { AllReduce, allocateShared } from '../../src/training/all-reduce.ts'
import { Learner } from '../../src/training/learner.ts'
import { createPlan, firstVectors } from '../../src/training/plan.ts'
import '../../src/catalogue.ts'

const engine = await createOnnxEngine({ resident: true })
const resident = engine.description.includes('values stay there')
if (!resident) {
  console.log('SKIP FILE: koffi is not installed')
  process.exit(0)
}

test('a vector keeps what is written, whole or in part, before and after a run', async () => {
  const whole = [{ name: 'values', shape: [3] }]
  const program = engine.compile({
    name: 'double',
    reads: { a: whole },
    writes: ['a', 'b'],
    stages: [{}],
    *body({ a }) {
      yield* []
      return { a: tf.mul(a!.values!, 2), b: a!.values!, c: a!.values! }
    },
  })
  const [a, b] = [engine.vector(3), engine.vector(3)]
  assert.equal([...(await a.read())], [0, 0, 0])
  a.write(Float32Array.of(1, 2, 3))
  assert.equal([...(await a.read(new Float32Array(2), 1))], [2, 3])
  const { c } = await program.run({ a, b }, () => ({}))
  assert.equal(
    [[...(await a.read())], [...(await b.read())], [...c!]],
    [
      [2, 4, 6],
      [1, 2, 3],
      [1, 2, 3],
    ],
  )
  a.write(Float32Array.of(5, 5, 5))
  await program.run({ a, b }, () => ({}))
  assert.equal(
    [[...(await a.read())], [...(await b.read())]],
    [
      [10, 10, 10],
      [5, 5, 5],
    ],
  )
  await rejects(a.read(new Float32Array(2), 2), RangeError)
  assert.throws(() => a.write(new Float32Array(2)), /2 values/)
  program.dispose()
  a.dispose()
  b.dispose()
})

test('a vector of another engine is refused', async () => {
  const other = await createOnnxEngine({ direct: false })
  const program = engine.compile({
    name: 'reader',
    reads: { a: [{ name: 'values', shape: [1] }] },
    stages: [{}],
    *body({ a }) {
      yield* []
      return { b: tf.add(a!.values!, 1) }
    },
  })
  await rejects(
    program.run({ a: other.vector(1) }, () => ({})),
    Error,
  )
  program.dispose()
})

for (const id of ['MNIST', 'Catch'])
  test(`${id}: training steps give the same numbers as in arrays`, async () => {
    // the same operators in both; loops of our own round a sum otherwise, which PPO's passes make much of
    const [wanted, got] = [await trained(await createOnnxEngine({ loops: false }), id), await trained(engine, id)]
    for (const [name, values] of Object.entries(wanted.vectors)) {
      const apart = relativeDistance(got.vectors[name]!, values)
      assert.ok(apart < 1e-5, `${name} is ${apart} off`)
    }
    assert.ok(Math.abs(wanted.loss - got.loss) < 1e-5)
  })

async function trained(on: Engine, id: string): Promise<{ loss: number; vectors: Record<string, Float32Array> }> {
  const config = completeConfig({ environment: { id }, training: { batchSize: 6 } })
  const plan = createPlan(config)
  const learner = new Learner(config, on, new AllReduce(allocateShared(1, lengthOf(plan.agent.layout)), 0))
  learner.write(firstVectors(config, plan), 0)
  const reports = await learner.train(0, 0, 2)
  return { loss: reports.at(-1)!.sums.loss!, vectors: (await learner.read()).vectors }
}

test('a settled graph reads vectors whole, and every result is a value of its own', () => {
  const graph = new Graph()
  const part = graph.input({ vector: 'p', name: 'w', offset: 2 }, [2, 2], 'float32')
  const seen = graph.input({ stage: 0, name: 'x' }, [2, 2], 'float32')
  const sum = binary('Add', part, seen)
  const settled = settle(
    [
      { value: sum, stage: 0, to: { host: 'sum' } },
      { value: part, stage: 0, to: { vector: 'g', offset: 4 } },
      { value: sum, stage: 0, to: { vector: 'g', offset: 0 } },
      { value: sum, stage: 0, to: { host: 'again' } },
    ],
    new Map([['p', 8]]),
  )
  assert.equal(
    settled.map(({ to }) => to),
    [{ host: 'sum' }, { host: 'again' }, { vector: 'g', offset: 0 }],
  )
  assert.is(new Set(settled.map(({ value }) => value)).size, 3)
  assert.equal(settled[2]!.value.shape, [8])
  const inputs = reachable(settled.map(({ value }) => value)).filter(({ op }) => op === 'Input')
  assert.equal(
    inputs.map(({ shape }) => shape),
    [[2, 2], [8]],
  )
})

test('threads that share a device are as many as the batch is worth', () => {
  const definition = { name: '', description: '', remedy: '', automatic: false, create: async () => engine }
  const shared = { ...definition, threadable: true, episodesPerThread: 512 }
  assert.equal(
    [128, 1024, 8192, 65536].map((episodes) => threadsFor(shared, 16, episodes)),
    [1, 2, 16, 16],
  )
  assert.is(threadsFor({ ...definition, threadable: true }, 4, 1), 4)
  assert.is(threadsFor({ ...definition, threadable: false }, 4, 9999), 1)
})

async function rejects(promise: Promise<unknown>, kind: new (...words: never[]) => Error): Promise<void> {
  let failure: unknown
  await promise.catch((error) => (failure = error))
  assert.instance(failure, kind)
}

test.run()
