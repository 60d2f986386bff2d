import * as tf from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Arrays, Definition, Engine } from '../../src/engine/engine.ts'
import { engines, selectEngine } from '../../src/engine/select.ts'
import type { PartialConfig } from '../../src/runs/config.ts'
import { smallConfig, trainOnce } from '../training/help.ts'

/** Every engine that starts here, by name; those that do not are named in a notice. */
const available = new Map<string, Engine>()
for (const { name } of engines) {
  try {
    available.set(name, (await selectEngine(name)).engine)
  } catch (error) {
    console.log(`SKIP engine ${name}: ${(error as Error).message}`)
  }
}

// y = w x + b, asked for twice; loss = sum over both answers of (y - wanted)^2
const line: Definition = {
  name: 'line',
  reads: {
    parameters: [
      { name: 'w', shape: [1] },
      { name: 'unused', shape: [2] },
      { name: 'b', shape: [1] },
    ],
  },
  stages: [
    { x: { shape: [1], dtype: 'float32' } },
    { x: { shape: [1], dtype: 'float32' }, wanted: { shape: [2], dtype: 'float32' } },
  ],
  gradient: { of: 'parameters', into: 'gradient' },
  *body({ parameters }, { x }) {
    const answer = (input: tf.Tensor): tf.Tensor => tf.add(tf.mul(parameters!.w!, input), parameters!.b!)
    const first = answer(x!)
    const next = yield { first }
    const both = tf.concat([first, answer(next.x!)])
    return { loss: tf.sum(tf.square(tf.sub(both, next.wanted!))), both }
  },
}

for (const [name, engine] of available) {
  test(`${name} lets the host answer in the middle, and differentiates through both halves`, async () => {
    const program = engine.compile(line)
    const parameters = engine.vector(4)
    const gradient = engine.vector(4)
    parameters.write(Float32Array.of(2, 9, 9, 1))
    gradient.write(Float32Array.of(7, 7, 7, 7))
    const seen: number[] = []
    const results = await program.run({ parameters, gradient }, (stage, outputs): Arrays => {
      if (stage === 0) return { x: Float32Array.of(3) }
      seen.push(outputs.first![0]!)
      // the host looks at 2 * 3 + 1 = 7 and asks for the line at 7
      return { x: Float32Array.of(outputs.first![0]!), wanted: Float32Array.of(6, 17) }
    })
    assert.equal(seen, [7])
    // answers 7 and 15, wanted 6 and 17: errors 1 and -2, loss 1 + 4
    assert.equal([...results.both!], [7, 15])
    assert.is(results.loss![0], 5)
    // d/dw = 2 (1 * 3 + (-2) * 7) = -22; d/db = 2 (1 - 2) = -2; what has no part in the loss has gradient 0
    assert.equal([...(await gradient.read())], [-22, 0, 0, -2])
    program.dispose()
  })

  test(`${name} steps a vector in place: the body sees the old values, the vector gets the new`, async () => {
    const whole = [{ name: 'values', shape: [3] }]
    const program = engine.compile({
      name: 'swap',
      reads: { a: whole, b: whole },
      writes: ['a', 'b'],
      stages: [{}],
      *body({ a, b }) {
        yield* []
        return { a: tf.mul(b!.values!, 2), b: tf.add(a!.values!, 1), total: tf.sum(a!.values!) }
      },
    })
    const [a, b] = [engine.vector(3), engine.vector(3)]
    a.write(Float32Array.of(1, 2, 3))
    b.write(Float32Array.of(10, 20, 30))
    const first = await program.run({ a, b }, () => ({}))
    assert.equal({ a: [...(await a.read())], b: [...(await b.read())] }, { a: [20, 40, 60], b: [2, 3, 4] })
    assert.is(first.total![0], 6)
    const second = await program.run({ a, b }, () => ({}))
    assert.equal({ a: [...(await a.read())], b: [...(await b.read())] }, { a: [4, 6, 8], b: [21, 41, 61] })
    assert.is(second.total![0], 120)
    program.dispose()
  })

  test(`${name} refuses a vector of another length`, () => {
    assert.throws(() => engine.vector(3).write(new Float32Array(4)), /3.*4|4.*3/)
  })
}

for (const [mind, given] of [
  ['a small agent', {}],
  ['one with convolutions', { environment: { id: 'MNIST', glimpseSide: 10, scales: 2 }, agent: { whatFilters: 4 } }],
] as [string, PartialConfig][]) {
  test(`fifty iterations of ${mind} give the same losses on every engine, to a thousandth`, async () => {
    // five epochs of ten iterations; rounding differs between the engines, and draws turn on it now and then
    const losses = new Map<string, number[]>()
    for (const name of available.keys()) {
      const training = {
        engine: name,
        epochs: 5,
        epochItems: 160,
        batchSize: 16,
        evaluateEvery: 5,
        evaluationItems: 16,
      }
      const { records } = await trainOnce(smallConfig({ ...given, training }))
      losses.set(
        name,
        records.map((record) => record.train.loss!),
      )
    }
    const [[reference, expected], ...others] = [...losses] as [[string, number[]], ...[string, number[]][]]
    for (const [name, found] of others)
      for (const [epoch, loss] of found.entries())
        assert.ok(
          Math.abs(loss - expected[epoch]!) < 1e-3,
          `epoch ${epoch + 1}: ${name} ${loss}, ${reference} ${expected[epoch]}`,
        )
  })
}

test('an engine that is not known is refused with the nearest name', async () => {
  try {
    await selectEngine('onxn')
    assert.unreachable()
  } catch (error) {
    assert.is((error as Error).message, 'unknown engine "onxn"; did you mean "onnx"?')
  }
})

test('auto takes the first engine of the list that starts here', async () => {
  const { engine, why } = await selectEngine('auto')
  assert.is(engine.name, [...available.keys()][0])
  assert.ok(why.length > 0)
})

test.run()
