// Episodes played to be looked at: what was seen, believed and done at every step. Everything that draws pictures of an
// agent draws them from here. Runs in a browser too: open-run.ts opens what lies on disk.

import { headOf } from '../agent/heads.ts'
import { drawnName } from '../algorithms/trajectory.ts'
import { Rng } from '../core/rng.ts'
import { lengthOf } from '../core/tensors.ts'
import type { Engine, Vector } from '../engine/engine.ts'
import type { Environment, Observation, Picture } from '../env/environment.ts'
import { make, type Split } from '../env/registry.ts'
import type { SpaceValues } from '../env/spaces.ts'
import type { RunConfig } from '../runs/config.ts'
import { EpisodeBatch, playThrough } from '../training/episode-batch.ts'
import { createPlan } from '../training/plan.ts'
import { actDefinition, headName, type Plan } from '../training/programs.ts'

/** A batch of episodes, played. Axes: T steps, B episodes, K classes, D dimensions of a location. */
export type Replay = {
  /** B. */
  readonly batch: number
  /** T. */
  readonly steps: number
  readonly items: ArrayLike<number>
  /** The right predictions, [B, ...], where the world has them. */
  readonly target: SpaceValues | undefined
  /** [B, ...]: what was predicted last; undefined in a world without predictions. */
  readonly prediction: SpaceValues | undefined
  /** float32 [B]: what each episode was paid in all. */
  readonly returns: Float32Array
  /** int32 [B]: how many of the T steps each episode took. */
  readonly lengths: Int32Array
  /** [T]: what was observed; empty with `brief`. */
  readonly observations: readonly Observation[]
  /** float32 [T, B, D]: where each glimpse was taken, in [-1, 1]; where the world can be rendered, (-1, -1) is the picture's corner. */
  readonly locations: Float32Array
  /** After each glimpse: [T, B, ...] by the action's name, and `prediction`. */
  readonly drawn: Readonly<Record<string, SpaceValues>>
  /** What is believed, or what move is likely, after each glimpse: see `Belief`; undefined where nothing is discrete. */
  readonly belief: Belief | undefined
  /** [T][B]: the world as each glimpse was taken, where it can be rendered. Without `brief`. */
  readonly pictures: readonly (readonly Picture[])[] | undefined
  /** [B]: the world after the last action, where it can be rendered. Without `brief`. */
  readonly finale: readonly Picture[] | undefined
}

/** The probabilities of a discrete prediction, or else of the first discrete action but `stop`. */
export type Belief = {
  /** `prediction`, or the action's name. */
  readonly of: string
  /** float32 [T, B, K]. */
  readonly probabilities: Float32Array
  /** K: of MultiDiscrete, of all places together. */
  readonly count: number
  /** int32 [B]: what was decided last; of MultiDiscrete, in the first place. */
  readonly decided: Int32Array
  /** [K]: what they are called; numbers, where the world has no names for them. */
  readonly names: readonly string[]
}

/** How to play. */
export type ReplayOptions = {
  /** The likeliest actions (the default), or drawn ones. */
  readonly greedy?: boolean
  /** Leave out what takes memory: glimpses and pictures. For statistics over thousands of episodes. */
  readonly brief?: boolean
}

/** Plays episodes of one split with fixed parameters. */
export class Player {
  readonly plan: Plan
  readonly environment: Environment
  readonly split: Split
  private readonly engine: Engine
  private readonly vector: Vector
  private readonly programs = new Map<number, ReturnType<Engine['compile']>>()

  /** Of the agent and the world that `config` describes; its parameters are zeros until `load`. */
  constructor(config: RunConfig, engine: Engine, split: Split = 'test') {
    const { id, ...options } = config.environment
    this.environment = make(id, { ...options, split, batchSize: 1 })
    this.plan = { ...createPlan(config), environment: this.environment }
    this.split = split
    this.engine = engine
    this.vector = engine.vector(lengthOf(this.plan.agent.layout))
  }

  /** Play with these parameters from now on, float32 [lengthOf(layout)]. */
  load(parameters: Float32Array): void {
    this.vector.write(parameters)
  }

  /** Play these items, with the first locations of an evaluation. Another number of items is compiled anew. */
  async play(items: ArrayLike<number>, { greedy = true, brief = false }: ReplayOptions = {}): Promise<Replay> {
    const { environment, plan, split } = this
    const { std } = plan.algorithm.scalars(1)
    const streams = Array.from(items, (item, b) => Rng.of(0, 'replay', split, item, b))
    const options = { greedy, std: std ?? 0, drawPredictions: !plan.spec.supervised, streams }
    const seed = Rng.of(0, 'evaluate', split).next()
    const episodes = new EpisodeBatch(plan, options, { seed, items: Int32Array.from(items) })
    const pictures: Picture[][] = []
    const watched = environment.render !== undefined && !brief
    const takePictures = (): Picture[] => Array.from(items, (_, b) => environment.render!(b))
    await playThrough(this.program(items.length), this.vector, plan, episodes, () => {
      if (watched) pictures.push(takePictures())
    })
    const played = replayOf(episodes, items, plan)
    if (brief) return { ...played, observations: [] }
    return watched ? { ...played, pictures, finale: takePictures() } : played
  }

  dispose(): void {
    for (const program of this.programs.values()) program.dispose()
    this.vector.dispose()
  }

  private program(batch: number): ReturnType<Engine['compile']> {
    const known = this.programs.get(batch)
    if (known) return known
    const made = this.engine.compile(actDefinition(this.plan, batch, true))
    this.programs.set(batch, made)
    return made
  }
}

function replayOf(episodes: EpisodeBatch, items: ArrayLike<number>, plan: Plan): Replay {
  const { batch, observations, fields, target } = episodes
  const { horizon, observationSpace, predictionSpace } = plan.environment
  const size = batch * observationSpace.location.size
  const locations = new Float32Array(horizon * size)
  const { span } = plan.environment.render?.(0) ?? {}
  for (const [t, { location }] of observations.entries())
    locations.set(span ? location.map((x, i) => x * span[i % 2]!) : location, t * size)
  const lengths = Int32Array.from(episodes.lengths())
  return {
    ...{ batch, steps: horizon, items, locations, target, observations, lengths },
    prediction: predictionSpace ? episodes.lastPrediction() : undefined,
    drawn: Object.fromEntries(plan.spec.heads.map(({ name }) => [name, fields[drawnName(name)]!])),
    belief: beliefOf(episodes, plan, lengths),
    returns: episodes.returns(),
    pictures: undefined,
    finale: undefined,
  }
}

function beliefOf(
  { batch, outputs, fields }: EpisodeBatch,
  { environment, spec }: Plan,
  lengths: Int32Array,
): Belief | undefined {
  const discrete = spec.heads.filter(({ name, space }) => space.kind !== 'box' && name !== 'stop')
  const chosen = discrete.find(({ name }) => name === 'prediction') ?? discrete[0]
  if (!chosen) return undefined
  const head = headOf(chosen.space, chosen.kind)
  const count = head.outputs()
  const probabilities = new Float32Array(environment.horizon * batch * count)
  for (const [t, output] of outputs.entries()) {
    const given = output[headName(chosen.name)] as Float32Array | undefined
    if (given) probabilities.set(head.probabilities(given)!, t * batch * count)
  }
  const { size } = chosen.space
  const drawn = fields[drawnName(chosen.name)]!
  const decided = Int32Array.from(lengths, (length, b) => drawn[((Math.max(1, length) - 1) * batch + b) * size]!)
  const names = environment.names?.[chosen.name] ?? Array.from({ length: count }, (_, k) => String(k))
  return { of: chosen.name, probabilities, count, decided, names }
}
