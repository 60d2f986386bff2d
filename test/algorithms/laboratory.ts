// What the tests of learning share: a world and an agent so small that every parameter can be looked at, played and
// differentiated through the real programs on the plain JavaScript engine.

import '../../src/catalogue.ts'
import { type ObservationTensors, stackOutputs, unroll, unrollSteps } from '../../src/agent/agent.ts'
import { Rng } from '../../src/core/rng.ts'
import type { Arrays } from '../../src/core/tensors.ts'
import {
  type Definition,
  type Engine,
  lengthOf,
  type Signature,
  sizeOf,
  type Tensors,
} from '../../src/engine/engine.ts'
import { selectEngine } from '../../src/engine/select.ts'
import { registerEnvironment } from '../../src/env/registry.ts'
import type { ImageSet } from '../../src/env/vision/image-set.ts'
import { classification, classificationOptions } from '../../src/env/worlds/image-scenes.ts'
import { timeLimit } from '../../src/env/wrappers.ts'
import { completeConfig, type PartialConfig } from '../../src/runs/config.ts'
import { EpisodeBatch } from '../../src/training/episode-batch.ts'
import { minibatchInputs, trajectoryInputs } from '../../src/training/inputs.ts'
import { repeated } from '../../src/training/learner.ts'
import { createPlan } from '../../src/training/plan.ts'
import { headName, learnDefinition, minibatchDefinition, type Plan } from '../../src/training/programs.ts'

/** Six random images of 6x6 pixels, two of each of three classes. */
const set: ImageSet = {
  name: 'tiny',
  images: Uint8Array.from({ length: 6 * 36 }, (_, i) => Rng.of(5, i).integer(256)),
  labels: Uint8Array.of(0, 1, 2, 0, 1, 2),
  height: 6,
  width: 6,
  channels: 1,
  classNames: ['a', 'b', 'c'],
  indices: Int32Array.of(0, 1, 2, 3, 4, 5),
}

/** Three glimpses of 2x2 pixels, then a class. */
registerEnvironment({
  id: 'test/tiny',
  description: 'three glimpses of a few pixels',
  options: classificationOptions({ glimpses: 3, glimpseSide: 2, scales: 1 }),
  create: (options, setting) => classification({ ...setting, id: 'test/tiny', set, options }),
})

/** The same, of five glimpses, cut off after three. */
registerEnvironment({
  id: 'test/cut-off',
  description: 'three of five glimpses of a few pixels',
  options: classificationOptions({ glimpses: 5, glimpseSide: 2, scales: 1 }),
  create: (options, setting) => timeLimit(classification({ ...setting, id: 'test/cut-off', set, options }), 3),
})

const tinyAgent = { whatUnits: 4, whereUnits: 3, featureUnits: 6, hiddenUnits: 6, locatorUnits: 5 }

/** The tiny world and agent under an algorithm. */
export function tinyPlan(given: PartialConfig = {}): Plan {
  return createPlan(
    completeConfig({
      environment: { id: 'test/tiny', ...given.environment },
      agent: { ...tinyAgent, ...given.agent },
      algorithm: { ...given.algorithm },
      training: given.training ?? {},
    }),
  )
}

/** Parameters of a plan's agent; another seed, other parameters. */
export const parametersOf = (plan: Plan, seed = 1): Float32Array => plan.agent.init(seed)

/** What a program that learns came to. */
export type Learned = {
  readonly metrics: Readonly<Record<string, number>>
  /** float32, as the parameters lie. */
  readonly gradient: Float32Array
}

/** How `learn` plays. */
export type LearnOptions = {
  readonly seed?: number
  /** Changes what is learned from. */
  readonly change?: (episodes: EpisodeBatch) => EpisodeBatch
}

/** Plays and learns `items` (each with its plan's rollouts) on the plain JavaScript engine. */
export class Laboratory {
  readonly plan: Plan
  readonly batch: number
  private readonly engine: Engine
  private readonly items: Int32Array

  private constructor(plan: Plan, engine: Engine, items: readonly number[]) {
    this.plan = plan
    this.engine = engine
    this.items = repeated(Int32Array.from(items), plan.rollouts)
    this.batch = this.items.length
  }

  static async open(plan: Plan, items: readonly number[] = [0, 1, 2, 3, 4, 5]): Promise<Laboratory> {
    return new Laboratory(plan, (await selectEngine('cpu')).engine, items)
  }

  /** Play, and keep everything that the agent puts out. */
  async play(parameters: Float32Array, seed = 0): Promise<EpisodeBatch> {
    const { plan } = this
    const episodes = this.start(seed)
    const { horizon, truncates } = plan.environment
    const steps = truncates ? horizon + 1 : horizon
    const definition: Definition = {
      name: 'put out',
      reads: { parameters: plan.agent.layout },
      stages: Array.from({ length: steps }, () => this.observationSignature()),
      *body({ parameters }, first) {
        const unrolled = unrollSteps(plan.agent, parameters!, first as ObservationTensors, steps)
        for (let at = unrolled.next(); ; ) {
          if (at.done) throw new Error('unrolled too far')
          const { heads, value } = at.value.output
          const outputs = { ...named(heads), value }
          if (at.value.step === steps - 1) return outputs
          at = unrolled.next(yield outputs)
        }
      },
    }
    const last = await this.engine
      .compile(definition)
      .run({ parameters: this.vector(parameters) }, (stage, outputs) => {
        if (stage > 0) episodes.act(stage - 1, outputs)
        return episodes.observation
      })
    if (truncates) episodes.lastValue = (last.value as Float32Array).slice()
    else episodes.act(horizon - 1, last)
    return episodes
  }

  /** Act and learn in one program, as a training does with algorithms that learn once from what they played. */
  async learn(
    parameters: Float32Array,
    { seed = 0, change = (episodes) => episodes }: LearnOptions = {},
  ): Promise<Learned> {
    const { updates: _, ...algorithm } = this.plan.algorithm
    const plan = { ...this.plan, algorithm }
    const { horizon } = plan.environment
    const episodes = this.start(seed)
    return this.run(learnDefinition(plan, this.batch), parameters, (stage, outputs) => {
      if (stage > 0) episodes.act(stage - 1, outputs)
      if (stage < horizon) return episodes.observation
      return trajectoryInputs(plan, change(episodes), 1, plan.algorithm.scalars(0))
    })
  }

  /** Learn from what was played, or from the episodes `rows` of it. */
  relearn(parameters: Float32Array, played: EpisodeBatch, rows?: readonly number[]): Promise<Learned> {
    const { algorithm } = this.plan
    const plan = { ...this.plan, algorithm: { ...algorithm, updates: { updateEpochs: 1, minibatches: 1 } } }
    const picked = Int32Array.from(rows ?? Array.from({ length: played.batch }, (_, b) => b))
    const inputs = minibatchInputs(plan, played, picked, 1, algorithm.scalars(0))
    return this.run(minibatchDefinition(plan, picked.length), parameters, () => inputs)
  }

  /** What the agent puts out when it is shown again what it saw, [T, B, ...] by name. */
  async unroll(parameters: Float32Array, { observations }: EpisodeBatch): Promise<Arrays> {
    const { plan } = this
    const signature = this.observationSignature()
    const every = <T>(entries: (t: number) => Readonly<Record<string, T>>): Record<string, T> =>
      Object.fromEntries(
        observations.flatMap((_, t) => Object.entries(entries(t)).map(([name, x]) => [`${t}.${name}`, x])),
      )
    const definition: Definition = {
      name: 'unroll',
      reads: { parameters: plan.agent.layout },
      stages: [every(() => signature)],
      *body({ parameters }, inputs) {
        yield* []
        const seen = observations.map((_, t) =>
          Object.fromEntries(Object.keys(signature).map((name) => [name, inputs[`${t}.${name}`]!])),
        )
        const { heads, value } = stackOutputs(unroll(plan.agent, parameters!, seen as ObservationTensors[]))
        return { ...named(heads), value }
      },
    }
    const inputs = every((t) => observations[t]!)
    return this.engine.compile(definition).run({ parameters: this.vector(parameters) }, () => inputs)
  }

  private start(seed: number): EpisodeBatch {
    const { plan, items } = this
    const streams = Array.from(items, (item, b) => Rng.of(seed, 'policy', item, b))
    const options = {
      greedy: false,
      std: plan.algorithm.scalars(0).std,
      drawPredictions: !plan.spec.supervised,
      streams,
    }
    return new EpisodeBatch(plan, options, { seed, items })
  }

  private async run(
    definition: Definition,
    parameters: Float32Array,
    host: (stage: number, outputs: Arrays) => Arrays,
  ): Promise<Learned> {
    const gradient = this.vector(new Float32Array(parameters.length))
    const program = this.engine.compile(definition)
    const results = await program.run({ parameters: this.vector(parameters), gradient }, host)
    const metrics = Object.entries(results).map(([name, values]) => [name.replace('metric.', ''), values[0]!])
    return { metrics: Object.fromEntries(metrics), gradient: await gradient.read() }
  }

  private vector(values: Float32Array) {
    const vector = this.engine.vector(values.length)
    vector.write(values)
    return vector
  }

  private observationSignature(): Signature {
    const { observationSpace } = this.plan.environment
    return Object.fromEntries(
      Object.entries(observationSpace).map(([name, { shape }]) => [
        name,
        { shape: [this.batch, ...shape], dtype: 'float32' as const },
      ]),
    )
  }
}

/** Heads as the host knows them. */
const named = (heads: Tensors): Tensors =>
  Object.fromEntries(Object.entries(heads).map(([name, x]) => [headName(name), x]))

/** The largest absolute number of a vector in each network: glimpse, core, location, prediction, baseline, stop. */
export function largestByNetwork({ agent }: Plan, vector: Float32Array): Record<string, number> {
  if (vector.length !== lengthOf(agent.layout)) throw new Error('the vector is not as long as the parameters')
  const largest: Record<string, number> = {}
  let offset = 0
  for (const { name, shape } of agent.layout) {
    const network = name.split('.')[0]!
    const size = Math.max(...vector.subarray(offset, offset + sizeOf(shape)).map(Math.abs))
    largest[network] = Math.max(largest[network] ?? 0, size)
    offset += sizeOf(shape)
  }
  return largest
}
