// The traced engine as an engine: stages, resident vectors, refusals, and what it leaves behind.

import { Worker } from 'node:worker_threads'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Arrays, type Definition, EngineError, type Tensors } from '../../src/engine/engine.ts'
import { loadDirectRuntime } from '../../src/engine/onnx/direct.ts'
import { createOnnxEngine } from '../../src/engine/onnx/index.ts'
import { optimise } from '../../src/engine/onnx/passes/index.ts'
import { cut } from '../../src/engine/onnx/stages.ts'
import { trace } from '../../src/engine/onnx/trace.ts'
import { definitionOf, engine, floats, near } from './onnx-support.ts'

const float = (...shape: number[]) => ({ shape, dtype: 'float32' as const })

/** h = relu(x W + h U) at each of two steps, the outputs h; then a loss over both. Unstaged, all inputs come at once. */
function twoSteps(staged: boolean, batch: number): Definition {
  const layout = [
    { name: 'w', shape: [3, 4] },
    { name: 'u', shape: [4, 4] },
  ]
  const step = (p: Tensors, x: Tensor, h: Tensor) =>
    tf.relu(tf.add(tf.matMul(x as Tensor2D, p.w as Tensor2D), tf.matMul(h as Tensor2D, p.u as Tensor2D)))
  const loss = (h1: Tensor, h2: Tensor, reward: Tensor) =>
    tf.mean(tf.mul(tf.add(tf.sum(h1, 1), tf.sum(tf.square(h2), 1)), reward))
  const [x1, x2, reward] = [float(batch, 3), float(batch, 3), float(batch)]
  return {
    name: staged ? 'staged' : 'unstaged',
    reads: { parameters: layout },
    stages: staged ? [{ x1 }, { x2 }, { reward }] : [{ x1, x2, reward }],
    gradient: { of: 'parameters', into: 'gradient' },
    *body({ parameters }, inputs) {
      const h1 = step(parameters!, inputs.x1!, tf.zeros([batch, 4]))
      const second = staged ? yield { h: h1 } : inputs
      const h2 = step(parameters!, second.x2!, h1)
      const third = staged ? yield { h: h2 } : inputs
      return { loss: loss(h1, h2, third.reward!) }
    },
  }
}

for (const batch of [1, 5]) {
  test(`a body that yields twice computes what it computes in one stage, for ${batch} rows`, async () => {
    const given = {
      x1: floats([batch, 3]).values,
      x2: floats([batch, 3], 2).values,
      reward: floats([batch], 3).values,
    }
    const results = []
    for (const staged of [true, false]) {
      const vectors = { parameters: engine.vector(28), gradient: engine.vector(28) }
      vectors.parameters.write(floats([28], 4).values as Float32Array)
      const program = engine.compile(twoSteps(staged, batch))
      const seen: number[][] = []
      // One array for all answers, as an environment that reuses its memory would give.
      const reused = new Float32Array(batch * 3)
      const { loss } = await program.run(vectors, (stage, outputs): Arrays => {
        if (!staged) return given
        if (outputs.h) seen.push([...outputs.h])
        if (stage === 2) return { reward: given.reward }
        reused.set(stage === 0 ? given.x1 : given.x2)
        return stage === 0 ? { x1: reused } : { x2: reused }
      })
      results.push({ loss: loss![0]!, gradient: await vectors.gradient.read(), seen })
      program.dispose()
    }
    const [staged, unstaged] = results as [(typeof results)[0], (typeof results)[0]]
    near([staged.loss], [unstaged.loss], 'loss', 1e-6)
    near(staged.gradient, unstaged.gradient, 'gradient', 1e-6)
    assert.ok(staged.gradient.some((x) => x !== 0))
    assert.is(staged.seen.length, 2)
    assert.is(staged.seen[1]!.length, batch * 4)
  })
}

test('a value that both the host and the loss need is computed once, at the first stage that needs it', () => {
  const { stages } = cut(optimise(trace(twoSteps(true, 5)).outputs), 3)
  const relus = stages.map(({ nodes }) => nodes.filter(({ op }) => op === 'Relu').length)
  assert.equal(relus, [1, 1, 0])
  // Forward: x W, then x W + h U. Backward: dh1 from dh2, dW from both steps at once, dU.
  const products = stages.map(({ nodes }) => nodes.filter(({ op }) => op === 'Gemm').length)
  assert.equal(products, [1, 2, 3])
})

const flat = (length: number) => [{ name: 'all', shape: [length] }]

test('a vector that is read and written gives the body its old values, run after run', async () => {
  // Momentum: m' = 0.9 m + (p - 3), p' = p - 0.1 m'
  const n = 5
  const definition: Definition = {
    name: 'momentum',
    reads: { parameters: flat(n), m: flat(n) },
    stages: [{ rate: float() }],
    writes: ['parameters', 'm'],
    // biome-ignore lint/correctness/useYield: nothing for the host to see in between
    *body({ parameters, m }, { rate }) {
      const next = tf.add(tf.mul(m!.all!, 0.9), tf.sub(parameters!.all!, 3))
      return { parameters: tf.sub(parameters!.all!, tf.mul(next, rate!)), m: next, norm: tf.sum(tf.abs(next)) }
    },
  }
  const program = engine.compile(definition)
  const vectors = { parameters: engine.vector(n), m: engine.vector(n) }
  const expected = { p: floats([n]).values.slice(), m: new Float32Array(n) }
  vectors.parameters.write(expected.p as Float32Array)
  for (let run = 0; run < 50; run++) {
    const { norm } = await program.run(vectors, () => ({ rate: Float32Array.of(0.1) }))
    for (let i = 0; i < n; i++) {
      expected.m[i] = 0.9 * expected.m[i]! + (expected.p[i]! - 3)
      expected.p[i] = expected.p[i]! - 0.1 * expected.m[i]!
    }
    near(norm!, [expected.m.reduce((sum, x) => sum + Math.abs(x), 0)], `norm in run ${run}`, 1e-4)
  }
  near(await vectors.parameters.read(), expected.p, 'parameters', 1e-5)
  near(await vectors.m.read(), expected.m, 'm', 1e-5)
  program.dispose()
})

test('programs for batches of two sizes work on the same vectors', async () => {
  const vectors = { parameters: engine.vector(28), gradient: engine.vector(28) }
  vectors.parameters.write(floats([28], 4).values as Float32Array)
  const gradients = []
  for (const batch of [4, 2]) {
    // The same two rows, once and twice: a mean over the batch is the same.
    const rows = (seed: number, width: number) =>
      Float32Array.from({ length: batch * width }, (_, i) => floats([2 * width], seed).values[i % (2 * width)]!)
    const program = engine.compile(twoSteps(false, batch))
    await program.run(vectors, () => ({ x1: rows(1, 3), x2: rows(2, 3), reward: rows(3, 1) }))
    gradients.push(await vectors.gradient.read())
    program.dispose()
  }
  near(gradients[0]!, gradients[1]!, 'gradient', 1e-6)
})

test('a vector of another length is refused', () => {
  assert.throws(() => engine.vector(3).write(new Float32Array(4)), /4 values for a vector of 3/)
})

const bodyOf = (body: (x: Tensor) => Tensor): Definition => definitionOf('learn', body as never, [floats([2, 3])])
const refusal = (definition: Definition) => {
  try {
    engine.compile(definition)
  } catch (error) {
    assert.instance(error, EngineError)
    return (error as Error).message
  }
  return 'compiled'
}

test('an operation that cannot be recorded is named when the definition is compiled', () => {
  const message = refusal(bodyOf((x) => tf.topk(x, 1).values))
  assert.match(message, /"learn" uses the operation TopK, which the onnx engine lacks/)
})

test('reading a value of a tensor that is not known yet is refused, with what it is', () => {
  const message = refusal(bodyOf((x) => tf.mul(x, tf.add(x, 1).dataSync()[0]!)))
  assert.match(message, /"learn" reads the numbers of a tensor \(float32 \[2,3\], from Add\)/)
})

test('a definition that does not keep to its stages is refused', () => {
  const once: Definition = { ...twoSteps(true, 1), stages: [{ x1: float(1, 3) }, { x2: float(1, 3) }] }
  assert.match(refusal(once), /"staged" yields more than 1 times/)
  const never: Definition = { ...twoSteps(false, 1), stages: [...twoSteps(false, 1).stages, {}] }
  assert.match(refusal(never), /"unstaged" yields 0 times, not 1/)
  assert.match(refusal({ ...twoSteps(false, 1), writes: ['m'] }), /returns no "m" to be written/)
})

test('inputs of another type or size are refused by name, stage and shape', async () => {
  const program = engine.compile(bodyOf((x) => tf.add(x, 1)))
  const refused = async (x0: Float32Array | Int32Array | undefined) => {
    try {
      await program.run({}, (): Arrays => (x0 ? { x0 } : {}))
    } catch (error) {
      return (error as Error).message
    }
    return 'ran'
  }
  assert.match(await refused(new Float32Array(5)), /wants "x0" at stage 0 as float32 \[2,3\], and got float32 of 5/)
  assert.match(await refused(new Int32Array(6)), /and got int32 of 6/)
  assert.match(await refused(undefined), /and got nothing/)
  assert.is(await refused(new Float32Array(6)), 'ran')
  assert.is(await refused(new Float32Array(new SharedArrayBuffer(24))), 'ran')
  program.dispose()
})

test("compiling leaves no tensor behind and tfjs's backend as it was, also when it fails", () => {
  const kept = tf.tensor1d([1, 2, 3])
  const before = tf.memory().numTensors
  engine.compile(twoSteps(true, 2)).dispose()
  assert.is(tf.memory().numTensors, before)
  const failing = twoSteps(false, 2)
  const body: Definition['body'] = function* (resident, inputs) {
    const { loss } = yield* failing.body(resident, inputs)
    return { loss: tf.sum(tf.topk(tf.reshape(loss!, [1]), 1).values) }
  }
  assert.match(refusal({ ...failing, body }), /TopK/)
  assert.is(tf.memory().numTensors, before)
  assert.is(tf.getBackend(), 'cpu')
  assert.equal([...tf.add(kept, 1).dataSync()], [2, 3, 4])
  const scaled = engine.compile(bodyOf((x) => tf.mul(x, kept)))
  scaled.dispose()
  assert.equal([...kept.dataSync()], [1, 2, 3])
})

test('running leaves no memory behind', async () => {
  const program = engine.compile(twoSteps(true, 64))
  const vectors = { parameters: engine.vector(28), gradient: engine.vector(28) }
  const run = () =>
    program.run(vectors, (stage) =>
      stage === 2 ? { reward: new Float32Array(64) } : { [`x${stage + 1}`]: new Float32Array(192) },
    )
  for (let i = 0; i < 200; i++) await run()
  const before = process.memoryUsage().rss
  for (let i = 0; i < 1000; i++) await run()
  const grown = (process.memoryUsage().rss - before) / 2 ** 20
  assert.ok(grown < 30, `${grown} MB in 1000 runs`)
  program.dispose()
})

test('a hundred steps deep is compiled in less than five seconds of computing', () => {
  const steps: Definition = {
    name: 'deep',
    reads: { parameters: [{ name: 'w', shape: [16, 16] }] },
    stages: [{ x: float(8, 16) }],
    gradient: { of: 'parameters', into: 'gradient' },
    // biome-ignore lint/correctness/useYield: nothing for the host to see in between
    *body({ parameters }, { x }) {
      let h: Tensor = x!
      for (let t = 0; t < 100; t++) h = tf.tanh(tf.matMul(h as Tensor2D, parameters!.w as Tensor2D))
      return { loss: tf.sum(h) }
    },
  }
  const start = process.cpuUsage()
  engine.compile(steps).dispose()
  const { user, system } = process.cpuUsage(start)
  assert.ok((user + system) / 1e6 < 5, `${(user + system) / 1e6} s`)
})

test('called directly and through its Node binding, ONNX Runtime gives the same bits', async () => {
  const bound = await createOnnxEngine({ direct: false })
  assert.match(bound.description, /through its Node binding$/)
  if (!engine.description.endsWith('called directly')) return console.log('SKIP: koffi is not to be had here')
  const inputs = { x1: floats([5, 3], 1).values, x2: floats([5, 3], 2).values, reward: floats([5], 3).values }
  const answers: Float32Array[][] = []
  for (const one of [engine, bound]) {
    const [parameters, gradient] = [one.vector(28), one.vector(28)]
    parameters.write(floats([28], 4).values as Float32Array)
    const program = one.compile(twoSteps(false, 5))
    for (let run = 0; run < 2; run++) {
      const { loss } = await program.run({ parameters, gradient }, () => inputs)
      answers.push([loss as Float32Array, await gradient.read()].map((values) => values.slice()))
    }
    program.dispose()
  }
  for (const answer of answers) assert.equal(answer, answers[0])
  assert.ok(answers[0]![1]!.some((value) => value !== 0))
})

test('called directly, a graph that is none is refused with the words of ONNX Runtime', async () => {
  const runtime = await loadDirectRuntime().catch(() => undefined)
  if (!runtime) return console.log('SKIP: koffi is not to be had here')
  try {
    await runtime.InferenceSession.create(Uint8Array.of(1, 2, 3), {})
    assert.unreachable()
  } catch (error) {
    assert.match((error as Error).message, /protobuf/i)
  }
  assert.throws(() => new runtime.Tensor('float32', new Float32Array(3), [2, 2]), /not enough space/)
})

test('the engine works in a worker thread', async () => {
  const worker = new Worker(
    `import { register } from 'tsx/esm/api'
     register()
     const { parentPort } = await import('node:worker_threads')
     const { createOnnxEngine } = await import('./src/engine/onnx/index.ts')
     const tf = await import('@tensorflow/tfjs-core')
     const engine = await createOnnxEngine()
     const program = engine.compile({
       name: 'double', reads: {}, stages: [{ x: { shape: [2], dtype: 'float32' } }],
       *body(_, { x }) { return { y: tf.mul(x, 2) } },
     })
     const { y } = await program.run({}, () => ({ x: Float32Array.of(1, 2) }))
     parentPort.postMessage([...y])`,
    { eval: true, execArgv: ['--input-type=module'] },
  )
  const answer = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  assert.equal(answer, [2, 4])
  await worker.terminate()
})

test.run()
