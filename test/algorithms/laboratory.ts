// What the tests of learning share: a world and an agent so small that every parameter can be looked at, played and
// differentiated through the real programs on the plain JavaScript engine.

import '../../src/catalogue.ts'
import { evaluate, initialState, type Sight } from '../../src/agent/agent.ts'
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
import { Classification, classificationOptions } from '../../src/env/worlds/classification.ts'
import { completeConfig, type PartialConfig } from '../../src/runs/config.ts'
import { createPlan, repeated } from '../../src/training/learner.ts'
import { learnDefinition, type Plan, relearnDefinition } from '../../src/training/programs.ts'
import { Rollout } from '../../src/training/rollout.ts'

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
  create: (options, setting) => new Classification({ ...setting, id: 'test/tiny', set, options }),
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
export const parametersOf = (plan: Plan, seed = 1): Float32Array => plan.agent.init(Rng.of(seed, 'initialise'))

/** What happened in some episodes, as a rollout keeps it. */
export type Played = Pick<Rollout, (typeof kept)[number] | 'target' | 'sights' | 'thoughts'>

const kept = ['location', 'choice', 'reward', 'alive', 'looked', 'decided', 'stop'] as const

/** What happened in the episodes [from, to). */
export function rowsOf(rollout: Rollout, from: number, to: number): Played {
  const { batch, sights, thoughts, target } = rollout
  const rows = <A extends Float32Array | Int32Array>(values: A, steps: number): A => {
    const width = values.length / (steps * batch)
    return values.filter((_, i) => {
      const row = Math.floor(i / width) % batch
      return row >= from && row < to
    }) as A
  }
  const each = <A extends object>(arrays: A): A =>
    Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, rows(values, 1)])) as A
  return {
    ...(Object.fromEntries(kept.map((name) => [name, rows(rollout[name], sights.length)])) as Pick<
      Rollout,
      (typeof kept)[number]
    >),
    target: target && rows(target, 1),
    sights: sights.map(each),
    thoughts: thoughts.map(each),
  }
}

/** What a program that learns came to. */
export type Learned = {
  readonly metrics: Readonly<Record<string, number>>
  /** float32, as the parameters lie. */
  readonly gradient: Float32Array
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

  /** Play, and keep everything that the agent thinks. */
  async play(parameters: Float32Array, seed = 0): Promise<Rollout> {
    const { plan, batch } = this
    const rollout = this.start(seed)
    const { horizon } = plan.environment
    const definition: Definition = {
      name: 'think',
      reads: { parameters: plan.agent.layout },
      stages: Array.from({ length: horizon }, () => this.sightSignature()),
      *body({ parameters }, first) {
        let [state, sight] = [initialState(plan.agent, batch), first]
        for (let t = 0; ; t++) {
          const { state: next, ...thought } = plan.agent.step(parameters!, sight as Sight, state)
          if (t === horizon - 1) return thought as unknown as Tensors
          state = next
          sight = yield thought as unknown as Tensors
        }
      },
    }
    const last = await this.engine
      .compile(definition)
      .run({ parameters: this.vector(parameters) }, (stage, thought) => {
        if (stage > 0) rollout.act(stage - 1, thought)
        return rollout.observation
      })
    rollout.act(horizon - 1, last)
    return rollout
  }

  /** Act and learn in one program, as a training does. */
  async learn(parameters: Float32Array, seed = 0): Promise<Learned> {
    const { horizon } = this.plan.environment
    const rollout = this.start(seed)
    return this.run(learnDefinition(this.plan, this.batch), parameters, (stage, thought) => {
      if (stage > 0) rollout.act(stage - 1, thought)
      return stage < horizon ? rollout.observation : this.outcomeOf(rollout)
    })
  }

  /** Learn from what was played. */
  relearn(parameters: Float32Array, rollout: Played): Promise<Learned> {
    const recorded = Object.keys(rollout.thoughts[0]!).map((name) => {
      const steps = rollout.thoughts.map((thought) => [...thought[name]!])
      return [`recorded.${name}`, Float32Array.from(steps.flat())] as const
    })
    const inputs = { ...this.sights(rollout), ...Object.fromEntries(recorded), ...this.outcomeOf(rollout) }
    return this.run(relearnDefinition(this.plan, this.batch), parameters, () => inputs)
  }

  /** What the agent thinks when it is shown again what it saw, [T, B, ...] by name. */
  async evaluate(parameters: Float32Array, rollout: Played): Promise<Arrays> {
    const { plan } = this
    const steps = rollout.sights.map((_, t) => t)
    const signature = this.sightSignature()
    const definition: Definition = {
      name: 'evaluate',
      reads: { parameters: plan.agent.layout },
      stages: [
        Object.fromEntries(
          steps.flatMap((t) => Object.entries(signature).map(([name, type]) => [`${t}.${name}`, type])),
        ),
      ],
      *body({ parameters }, inputs) {
        const sights = steps.map((t) => ({ glimpse: inputs[`${t}.glimpse`]!, location: inputs[`${t}.location`]! }))
        return evaluate(plan.agent, parameters!, sights as Sight[]) as unknown as Tensors
      },
    }
    return this.engine.compile(definition).run({ parameters: this.vector(parameters) }, () => this.sights(rollout))
  }

  private start(seed: number): Rollout {
    const { environment, algorithm } = this.plan
    const manner = { greedy: false, std: algorithm.scalars(0).std, rng: Rng.of(seed, 'policy') }
    return new Rollout(environment, algorithm, manner, seed, this.items)
  }

  private async run(
    definition: Definition,
    parameters: Float32Array,
    host: (stage: number, outputs: Arrays) => Arrays,
  ): Promise<Learned> {
    const gradient = this.vector(new Float32Array(parameters.length))
    const program = this.engine.compile(definition)
    const results = await program.run({ parameters: this.vector(parameters), gradient }, host)
    const metrics = Object.entries(results).map(([name, values]) => [name, values[0]!])
    return { metrics: Object.fromEntries(metrics), gradient: await gradient.read() }
  }

  private vector(values: Float32Array) {
    const vector = this.engine.vector(values.length)
    vector.write(values)
    return vector
  }

  private outcomeOf({ location, choice, reward, alive, looked, decided, stop, target }: Played): Arrays {
    const { environment, algorithm, supervised } = this.plan
    const scheduled = Object.entries(algorithm.scalars(0)).map(([name, x]) => [`scalar.${name}`, Float32Array.of(x)])
    return {
      ...{ location, choice, reward, alive, looked, decided, weight: Float32Array.of(1) },
      ...(supervised && { target: target! }),
      ...(environment.actionSpace.stop && { stop }),
      ...Object.fromEntries(scheduled),
    }
  }

  private sights(rollout: Played): Arrays {
    const each = rollout.sights.flatMap(({ glimpse, location }, t) => [
      [`${t}.glimpse`, glimpse],
      [`${t}.location`, location],
    ])
    return Object.fromEntries(each)
  }

  private sightSignature(): Signature {
    const { shape } = this.plan.environment.observationSpace.glimpse
    return {
      glimpse: { shape: [this.batch, ...shape], dtype: 'float32' },
      location: { shape: [this.batch, 2], dtype: 'float32' },
    }
  }
}

/** The largest absolute number of a vector in each network: glimpse, core, location, choice, baseline, stop. */
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
