import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Rng } from '../../src/core/rng.ts'
import { forbidTelemetry } from '../../src/engine/onnx/telemetry.ts'
import { selectEngine } from '../../src/engine/select.ts'
import { exportPolicy } from '../../src/inference/export.ts'
import { completeConfig } from '../../src/runs/config.ts'
import { createPlan, firstVectors } from '../../src/training/plan.ts'
import { actDefinition } from '../../src/training/programs.ts'
import { smallConfig } from '../training/help.ts'

await forbidTelemetry()
const runtime = await import('onnxruntime-node').catch(() => undefined)
if (!runtime) console.log('SKIP running exported policies: onnxruntime-node is not installed')

const agents = {
  rnn: { agent: { core: 'rnn' } },
  lstm: { agent: { core: 'lstm' } },
  dram: { agent: { core: 'dram' } },
  convolutional: { agent: { whatFilters: 3 } },
  'rnn, learned spread': { algorithm: { spread: 'learned' } },
} as const
/** The two coordinates of each row's mean, which come first. */
const meansOf = (outputs: Float32Array, batch: number): Float32Array =>
  outputs.filter((_, i) => i % (outputs.length / batch) < 2)

for (const [name, given] of runtime ? Object.entries(agents) : [])
  test(`an exported ${name} policy, run by bare ONNX Runtime, looks and names as the agent does`, async () => {
    const { InferenceSession, Tensor } = runtime!
    const batch = 3
    const config = smallConfig(given)
    const plan = createPlan(config)
    const parameters = firstVectors(config, plan).parameters!
    const rng = Rng.of(5)
    const steps = plan.environment.horizon
    const seen = Array.from({ length: steps }, () => ({
      glimpse: Float32Array.from({ length: batch * 64 }, () => rng.uniform()),
      location: Float32Array.from({ length: batch * 2 }, () => rng.uniform(-1, 1)),
    }))

    // the agent, on the plain JavaScript engine
    const { engine } = await selectEngine('cpu')
    const vector = engine.vector(parameters.length)
    vector.write(parameters)
    const means: Float32Array[] = []
    const last = await engine.compile(actDefinition(plan, batch)).run({ parameters: vector }, (stage, outputs) => {
      if (stage > 0) means.push(meansOf(outputs['head.location'] as Float32Array, batch))
      return seen[stage]!
    })

    // the file, step by step
    const session = await InferenceSession.create(exportPolicy(config, plan, parameters, batch))
    const states = Object.keys(plan.agent.state)
    assert.equal(
      [...session.outputNames].sort(),
      ['next_location', 'probabilities', 'value', ...states.map((name) => `next_state.${name}`)].sort(),
    )
    let state = Object.fromEntries(
      Object.entries(plan.agent.state).map(([name, shape]) => [
        `state.${name}`,
        new Tensor('float32', new Float32Array(batch * shape[0]!), [batch, ...shape]),
      ]),
    )
    let probabilities: Float32Array = new Float32Array()
    for (const [t, { glimpse, location }] of seen.entries()) {
      const results = await session.run({
        glimpse: new Tensor('float32', glimpse, [batch, 1, 8, 8, 1]),
        location: new Tensor('float32', location, [batch, 2]),
        ...state,
      })
      if (t < steps - 1) assertClose(results.next_location!.data as Float32Array, means[t]!)
      probabilities = results.probabilities!.data as Float32Array
      state = Object.fromEntries(
        Object.keys(state).map((name) => [
          name,
          new Tensor('float32', results[`next_${name}`]!.data as Float32Array, state[name]!.dims),
        ]),
      )
    }
    assertClose(probabilities, softmax(last['head.prediction'] as Float32Array, 10))
  })

function softmax(logits: Float32Array, width: number): Float32Array {
  return Float32Array.from(logits, (logit, i) => {
    const row = logits.subarray(i - (i % width), i - (i % width) + width)
    return Math.exp(logit) / row.reduce((sum, each) => sum + Math.exp(each), 0)
  })
}

function assertClose(found: Float32Array, expected: Float32Array): void {
  assert.is(found.length, expected.length)
  for (const [i, value] of found.entries())
    assert.ok(Math.abs(value - expected[i]!) < 1e-5, `${i}: ${value}, ${expected[i]}`)
}

test('the exported bytes name the policy and carry its contract', () => {
  const config = smallConfig()
  const plan = createPlan(config)
  const text = Buffer.from(exportPolicy(config, plan, firstVectors(config, plan).parameters!)).toString('latin1')
  for (const part of ['saccade.inputs', 'float32 [1,1,8,8,1] in [0, 1]', 'next_location', 'state.hidden'])
    assert.ok(text.includes(part), part)
})

test("a control, which chooses locations by itself, is not exported: the agent's own were never measured", () => {
  for (const name of ['random', 'centre', 'raster']) {
    const config = smallConfig({ algorithm: { name } })
    const plan = createPlan(config)
    assert.throws(
      () => exportPolicy(config, plan, firstVectors(config, plan).parameters!),
      (error: Error) =>
        error.name === 'UserError' && error.message.startsWith(`algorithm ${name} chooses locations by itself`),
    )
  }
})

if (runtime)
  test('of one glimpse a control is exported, and its file takes every input that its metadata names', async () => {
    for (const agent of [{ name: 'ram' }, { name: 'connected' }]) {
      const config = completeConfig({
        environment: { id: 'MNIST', glimpses: 1, glimpseSide: 28, start: 'centre' },
        agent,
        algorithm: { name: 'centre' },
      })
      const plan = createPlan(config)
      const bytes = exportPolicy(config, plan, firstVectors(config, plan).parameters!)
      const session = await runtime.InferenceSession.create(bytes)
      const states = Object.keys(plan.agent.state).map((name) => `state.${name}`)
      assert.equal([...session.inputNames].sort(), ['glimpse', 'location', ...states].sort(), agent.name)
      const text = Buffer.from(bytes).toString('latin1')
      for (const name of session.inputNames) assert.ok(text.includes(`"${name}":"float32 [1`), `${agent.name}: ${name}`)
    }
  })

test.run()
