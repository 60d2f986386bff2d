// The core that attends over its past glimpses: a look-up by hand, the agent's laws, and the same numbers on every engine.

import '@tensorflow/tfjs-backend-cpu'
import { add, setBackend, square, sum, type Tensor, tensor, tensor2d, tidy, zeros } from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../../src/catalogue.ts'
import { type ObservationTensors, stackOutputs, unroll } from '../../src/agent/agent.ts'
import { attend, cores } from '../../src/agent/cores.ts'
import { Rng } from '../../src/core/rng.ts'
import { lengthOf, sizeOf, type Tensors } from '../../src/core/tensors.ts'
import type { Definition } from '../../src/engine/engine.ts'
import { selectEngine } from '../../src/engine/select.ts'
import { policyDefinition } from '../../src/inference/policy.ts'
import { completeConfig } from '../../src/runs/config.ts'
import { EpisodeBatch, playThrough } from '../../src/training/episode-batch.ts'
import { createPlan, worldOf } from '../../src/training/plan.ts'
import { actDefinition, headName } from '../../src/training/programs.ts'

await setBackend('cpu')

const near = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5): void => {
  assert.is(actual.length, expected.length)
  for (let i = 0; i < expected.length; i++)
    assert.ok(Math.abs(actual[i]! - expected[i]!) < tolerance, `[${i}]: ${actual[i]}, expected ${expected[i]}`)
}

const config = completeConfig({
  environment: { id: 'CircleSquare', glimpses: 4, side: 15 },
  agent: { core: 'attention', hiddenUnits: 8, featureUnits: 6, whatUnits: 4, whereUnits: 4, locatorUnits: 4 },
})
const plan = createPlan(config)
const parameters = plan.agent.init(3)

test('what is found is the mean of the values seen, weighted by how well their keys fit the query', () => {
  // keys (1, 0) and (0, 2), and one that is not written: the query (0, 2) fits them by 0 and 4, over sqrt 2
  const [query, written] = [tensor2d([[0, 2]]), tensor2d([[1, 1, 0]])]
  const keys = tensor([1, 0, 0, 2, 0, 9], [1, 3, 2])
  const values = tensor([1, 0, 0, 1, 7, 7], [1, 3, 2])
  const weight = Math.exp(4 / Math.SQRT2)
  near(attend(query, keys, values, written, 1).dataSync(), [1 / (1 + weight), weight / (1 + weight)])
  // two heads of one number each: the first fits nothing and takes the mean, the second fits by 0 and 4
  const sharper = Math.exp(4)
  near(attend(query, keys, values, written, 2).dataSync(), [0.5, sharper / (1 + sharper)])
  near(attend(query, keys, values, tensor2d([[1, 0, 0]]), 1).dataSync(), [1, 0])
})

test('each glimpse has a place of its own in the memory', () => {
  const core = cores.attention({ inputs: 2, hidden: 4, recurrent: () => new Float32Array(0), horizon: 2 })
  const p = Object.fromEntries(
    core.parameters.map(({ name, shape, start }) => [name, tensor(start(shape, Rng.of(1, name)), [...shape])]),
  )
  const start: Tensors = { keys: zeros([1, 3, 4]), values: zeros([1, 3, 4]), written: zeros([1, 3]) }
  const first = core.step(p, tensor2d([[1, 0]]), start).state
  const second = core.step(p, tensor2d([[0, 2]]), first).state
  assert.equal([...first.written!.dataSync(), ...second.written!.dataSync()], [1, 0, 0, 1, 1, 0])
  const rows = (x: Tensor): number[][] => [0, 4, 8].map((at) => [...x.dataSync().slice(at, at + 4)])
  assert.equal(rows(second.keys!)[0], rows(first.keys!)[0])
  assert.ok(rows(second.keys!)[1]!.some((value) => value !== 0))
  assert.equal(rows(second.keys!)[2], [0, 0, 0, 0])
})

/** The plan's parameters by name. */
function named(): Tensors {
  let offset = 0
  return Object.fromEntries(
    plan.agent.layout.map(({ name, shape }) => {
      offset += sizeOf(shape)
      return [name, tensor(parameters.slice(offset - sizeOf(shape), offset), [...shape])]
    }),
  )
}

/** Observations of T steps of `batch` episodes; those of an episode depend on its number alone. */
function observations(rows: readonly number[]): ObservationTensors[] {
  return [0, 1, 2, 3].map((t) => {
    const part = (name: string, size: number, shape: number[]): Tensor =>
      tensor(
        rows.flatMap((row) => {
          const rng = Rng.of(row, name, t)
          return Array.from({ length: size }, () => rng.uniform(-1, 1))
        }),
        [rows.length, ...shape],
      )
    return {
      glimpse: part('glimpse', 25, [1, 5, 5, 1]),
      location: part('location', 2, [2]),
      timeStep: part('time', 1, [1]),
    }
  })
}

const predictions = (rows: readonly number[], hide?: number): Float32Array =>
  tidy(() => {
    const seen = observations(rows).map((each, t) =>
      t === hide ? { ...each, glimpse: zeros(each.glimpse.shape) } : each,
    )
    return stackOutputs(unroll(plan.agent, named(), seen)).heads.prediction!.dataSync() as Float32Array // [T, B, 2]
  })

test('rows do not mix', () => {
  const both = predictions([1, 2])
  for (const [b, row] of [1, 2].entries()) {
    const alone = predictions([row])
    for (let t = 0; t < 4; t++)
      near(both.subarray((2 * t + b) * 2, (2 * t + b + 1) * 2), alone.subarray(2 * t, 2 * t + 2), 1e-6)
  }
})

test('what is seen later changes nothing that was said before, and what was seen first is never forgotten', () => {
  const [whole, withoutLast, withoutFirst] = [predictions([1]), predictions([1], 3), predictions([1], 0)]
  near(withoutLast.subarray(0, 6), whole.subarray(0, 6), 1e-7)
  assert.ok(Math.abs(withoutLast[6]! - whole[6]!) > 1e-5)
  assert.ok(Math.abs(withoutFirst[6]! - whole[6]!) > 1e-5)
})

/** Every output of the definition, played with zeros for what the host answers. */
async function outputsOn(engineName: string): Promise<Float32Array> {
  const { engine } = await selectEngine(engineName)
  const definition: Definition = {
    name: 'attend',
    reads: { parameters: plan.agent.layout },
    stages: [
      Object.fromEntries(
        observations([1, 2]).flatMap((each, t) =>
          Object.entries(each).map(([name, { shape }]) => [`${t}.${name}`, { shape, dtype: 'float32' as const }]),
        ),
      ),
    ],
    gradient: { of: 'parameters', into: 'gradient' },
    *body({ parameters: p }, inputs) {
      yield* []
      const seen = [0, 1, 2, 3].map((t) => ({
        glimpse: inputs[`${t}.glimpse`]!,
        location: inputs[`${t}.location`]!,
        timeStep: inputs[`${t}.timeStep`]!,
      }))
      const { heads, value } = stackOutputs(unroll(plan.agent, p!, seen))
      return { prediction: heads.prediction!, loss: add(sum(square(heads.prediction!)), sum(value)) }
    },
  }
  const vector = engine.vector(parameters.length)
  const gradient = engine.vector(parameters.length)
  vector.write(parameters)
  const inputs = Object.fromEntries(
    observations([1, 2]).flatMap((each, t) =>
      Object.entries(each).map(([name, x]) => [`${t}.${name}`, x.dataSync() as Float32Array]),
    ),
  )
  const program = engine.compile(definition)
  const { prediction } = await program.run({ parameters: vector, gradient }, () => inputs)
  const all = Float32Array.of(...(prediction as Float32Array), ...(await gradient.read()))
  engine.dispose()
  return all
}

test('outputs and gradients agree on cpu, wasm and onnx', async () => {
  const cpu = await outputsOn('cpu')
  assert.is(cpu.length, 16 + lengthOf(plan.agent.layout))
  assert.ok(cpu.subarray(16).filter((value) => value !== 0).length > cpu.length / 2)
  for (const name of ['wasm', 'onnx']) near(await outputsOn(name), cpu, 2e-5)
})

test('what is recorded again equals what was put out while acting, and the exported step goes the same way', async () => {
  const { engine } = await selectEngine('cpu')
  const vector = engine.vector(parameters.length)
  vector.write(parameters)
  const items = [3, 8]
  const streams = items.map((item) => Rng.of(item))
  const options = { greedy: false, std: 0.5, drawPredictions: false, streams }
  const episodes = new EpisodeBatch(plan, options, { seed: 1, items })
  await playThrough(engine.compile(actDefinition(plan, 2, true)), vector, plan, episodes)
  const seen = episodes.observations.map((each) =>
    Object.fromEntries(
      Object.entries(each).map(([name, values]) => [
        name,
        tensor(values, [2, ...plan.environment.observationSpace[name]!.shape]),
      ]),
    ),
  ) as ObservationTensors[]
  const again = stackOutputs(unroll(plan.agent, named(), seen)).heads.prediction!.dataSync()
  const acted = episodes.outputs.flatMap((each) => [...(each[headName('prediction')] as Float32Array)])
  assert.equal([...again], acted)

  const step = engine.compile(policyDefinition({ agent: plan.agent, world: worldOf(plan.environment) }, 2))
  let state: Record<string, Float32Array> = Object.fromEntries(
    Object.entries(plan.agent.state).map(([name, shape]) => [`state.${name}`, new Float32Array(2 * sizeOf(shape))]),
  )
  for (const [t, observation] of episodes.observations.entries()) {
    const out = await step.run({ parameters: vector }, () => ({ ...observation, ...state }))
    state = Object.fromEntries(Object.keys(state).map((name) => [name, (out[`next_${name}`] as Float32Array).slice()]))
    const logits = acted.slice(4 * t, 4 * t + 4)
    const first = [0, 1].flatMap((b) => {
      const share = 1 / (1 + Math.exp(logits[2 * b + 1]! - logits[2 * b]!))
      return [share, 1 - share]
    })
    near(out.probabilities as Float32Array, first)
  }
  engine.dispose()
})

test.run()
