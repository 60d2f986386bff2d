// A trained run, played again to be looked at: what was seen, thought and done at every step. Everything that draws
// pictures of an agent draws them from here.

import { softmaxRows } from '../agent/distributions.ts'
import { Rng } from '../core/rng.ts'
import { lengthOf } from '../core/tensors.ts'
import type { Engine, Vector } from '../engine/engine.ts'
import { selectEngine } from '../engine/select.ts'
import type { Environment, Observation, Picture } from '../env/environment.ts'
import { make, type Split } from '../env/registry.ts'
import { type CheckpointKind, loadCheckpoint } from '../runs/checkpoint.ts'
import { completeConfig, type RunConfig } from '../runs/config.ts'
import { importModules } from '../runs/imports.ts'
import { RunDirectory } from '../runs/run-directory.ts'
import { createPlan } from '../training/learner.ts'
import { actDefinition, type Plan } from '../training/programs.ts'
import { type Manner, playThrough, Rollout } from '../training/rollout.ts'

/** A batch of episodes, played. Axes: T steps, B episodes, K classes (or moves). */
export type Replay = {
  /** B. */
  readonly batch: number
  /** T. */
  readonly steps: number
  /** K. */
  readonly choiceCount: number
  readonly items: ArrayLike<number>
  /** int32 [B]: the right class, where the world has one. */
  readonly target: Int32Array | undefined
  /** int32 [B]: what was named, or moved, last. */
  readonly choice: Int32Array
  /** float32 [B]: what each episode was paid in all. */
  readonly returns: Float32Array
  /** int32 [B]: how many of the T steps each episode took. */
  readonly lengths: Int32Array
  /** [T]: what was seen, glimpse float32 [B, S, G, G, C] and location float32 [B, 2]; empty with `brief`. */
  readonly sights: readonly Observation[]
  /** float32 [T, B, 2]: where each glimpse was taken, as (x, y) in [-1, 1]. */
  readonly locations: Float32Array
  /** float32 [T, B, K]: the probabilities of the choices after each glimpse. */
  readonly beliefs: Float32Array
  /** int32 [T, B]: the choice made after each glimpse. */
  readonly choices: Int32Array
  /** [T][B]: the world as each glimpse was taken, where it can be rendered. Without `brief`. */
  readonly pictures: readonly (readonly Picture[])[] | undefined
  /** [B]: the world after the last action, where it can be rendered. Without `brief`. */
  readonly finale: readonly Picture[] | undefined
}

/** How to play. */
export type ReplayOptions = {
  /** Mean locations (the default), or drawn ones. */
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

  /** Play these items, with the first looks of an evaluation. Another number of items is compiled anew. */
  async play(items: ArrayLike<number>, { greedy = true, brief = false }: ReplayOptions = {}): Promise<Replay> {
    const { environment, plan, split } = this
    const { std } = plan.algorithm.scalars(1)
    const manner: Manner = { greedy, std: std ?? 0, rng: Rng.of(0, 'replay', split) }
    const seed = Rng.of(0, 'evaluate', split).next()
    const rollout = new Rollout(environment, plan.algorithm, manner, seed, Int32Array.from(items))
    const pictures: Picture[][] = []
    const watched = environment.render !== undefined && !brief
    const takePictures = (): Picture[] => Array.from(items, (_, b) => environment.render!(b))
    await playThrough(this.program(items.length), this.vector, rollout, () => {
      if (watched) pictures.push(takePictures())
    })
    const played = replayOf(rollout, items, environment)
    if (brief) return { ...played, sights: [] }
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

/** A run's player and what it plays. */
export type OpenedRun = {
  readonly player: Player
  readonly config: RunConfig
  /** Completed epochs of the parameters that play. */
  readonly epoch: number
  dispose(): void
}

/**
 * Load a run's parameters (their moving average, where there is one) and get ready to play with them.
 * @throws UserError where the run or its checkpoint is missing, corrupt, of another version or of another architecture.
 */
export async function openRun(
  path: string,
  options: { checkpoint?: CheckpointKind; split?: Split; engine?: string } = {},
): Promise<OpenedRun> {
  const run = RunDirectory.open(path)
  await importModules(run.config.imports)
  const config = completeConfig(run.config)
  const { tensors, epoch } = loadCheckpoint(path, options.checkpoint ?? 'best', createPlan(config).agent.layout)
  const { player, dispose } = await openPlayer(config, options.engine ?? 'auto', options.split)
  player.load(tensors.average ?? tensors.parameters!)
  return { player, config, epoch, dispose }
}

/** A player on an engine of its own, chosen by name; it plays once it has parameters. */
export async function openPlayer(
  config: RunConfig,
  engineName: string,
  split?: Split,
): Promise<{ readonly player: Player; dispose(): void }> {
  const { engine } = await selectEngine(engineName)
  const player = new Player(config, engine, split)
  const dispose = (): void => {
    player.dispose()
    engine.dispose()
  }
  return { player, dispose }
}

function replayOf(rollout: Rollout, items: ArrayLike<number>, { horizon, actionSpace }: Environment): Replay {
  const { batch, sights } = rollout
  const choiceCount = actionSpace.choice.count
  const beliefs = new Float32Array(horizon * batch * choiceCount)
  const locations = new Float32Array(horizon * batch * 2)
  for (let t = 0; t < horizon; t++) {
    const logits = rollout.thoughts[t]!.choiceLogits as Float32Array
    beliefs.set(softmaxRows(logits, choiceCount), t * batch * choiceCount)
    locations.set(sights[t]!.location, t * batch * 2)
  }
  const lengths = Int32Array.from(rollout.lengths())
  return {
    ...{ batch, steps: horizon, choiceCount, items, lengths, beliefs, locations },
    target: rollout.target,
    choice: Int32Array.from(lengths, (length, b) => rollout.choice[(Math.max(1, length) - 1) * batch + b]!),
    choices: rollout.choice,
    returns: rollout.returns(),
    sights,
    pictures: undefined,
    finale: undefined,
  }
}
