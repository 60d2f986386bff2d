// One worker of a training: it takes shards of every batch, plays and differentiates them, and, together with the others,
// sums the gradients and steps. With one worker it is the whole training. The same numbers come of the same config, epoch
// and iteration, whichever worker takes which shard.

import { createOptimiser, type Optimiser, scheduledRate } from '../algorithms/optimisers.ts'
import { UserError } from '../core/errors.ts'
import { Rng } from '../core/rng.ts'
import { type Arrays, lengthOf } from '../core/tensors.ts'
import type { Engine, Program, Vector } from '../engine/engine.ts'
import type { Environment } from '../env/environment.ts'
import { make, type Split } from '../env/registry.ts'
import type { RunConfig } from '../runs/config.ts'
import { type AllReduce, shardRange } from './all-reduce.ts'
import { EpisodeBatch, playThrough, type SamplingOptions } from './episode-batch.ts'
import { inputScalars, minibatchInputs, trajectoryInputs } from './inputs.ts'
import { episodeMetrics } from './metrics.ts'
import { createPlan, epochSize } from './plan.ts'
import { actDefinition, learnDefinition, minibatchDefinition, type Plan, stepDefinition } from './programs.ts'

/** Sums over iterations of what was reported, by name. */
export type Sums = { readonly [metric: string]: number }

/** What was reported of one shard of one iteration, weighted by its part of the batch's episodes. */
export type ShardReport = { readonly iteration: number; readonly shard: number; readonly sums: Sums }

/** How far a training is. */
type Position = { readonly epoch: number; readonly iteration: number }

/** What all shards of one iteration have in common. */
type Iteration = Position & {
  readonly scalars: Readonly<Record<string, number>> & { readonly std: number }
  /** In [0, 1): what schedules go by. */
  readonly progress: number
  /** Items of the whole batch, and episodes. */
  readonly items: Int32Array
  readonly episodes: number
}

/** A shard that this worker has taken, with its episodes. */
type TakenShard = { readonly shard: number; readonly episodes: EpisodeBatch; metrics: Sums }

export class Learner {
  readonly plan: Plan
  readonly length: number
  private readonly config: RunConfig
  private readonly engine: Engine
  private readonly reduce: AllReduce
  private readonly optimiser: Optimiser
  private readonly parameters: Vector
  private readonly gradient: Vector
  /** What the optimiser brings up to date: the parameters, the moments, the average. Every worker has them all. */
  private readonly kept: Record<string, Vector>
  private readonly environments = new Map<Split, Environment>()
  private readonly programs = new Map<string, Program>()
  private readonly order: { epoch: number; items: Int32Array } = { epoch: -1, items: new Int32Array() }
  /** Steps that the optimiser has taken: a function of the position, but for algorithms that may end their updates early. */
  private steps = 0

  constructor(config: RunConfig, engine: Engine, reduce: AllReduce) {
    this.config = config
    this.engine = engine
    this.reduce = reduce
    // whether the data are those of the run was looked at once, by the trainer: to read them all again takes its time
    const { data: _, ...withoutData } = config
    this.plan = createPlan(withoutData)
    this.environments.set('train', this.plan.environment)
    this.optimiser = createOptimiser(config.training)
    this.length = lengthOf(this.plan.agent.layout)
    this.parameters = engine.vector(this.length)
    this.gradient = engine.vector(this.length)
    const names = [...this.optimiser.moments, ...(config.training.averaging > 0 ? ['average'] : [])]
    const more = names.map((name) => [name, engine.vector(this.length)] as const)
    this.kept = { parameters: this.parameters, ...Object.fromEntries(more) }
  }

  /** Take over vectors, by name, and the number of optimiser steps that led to them. */
  write(vectors: Record<string, Float32Array>, steps: number): void {
    this.steps = steps
    for (const [name, vector] of Object.entries(this.kept)) vector.write(vectors[name]!)
  }

  /** Whole vectors, by name. */
  async read(): Promise<{ vectors: Record<string, Float32Array>; steps: number }> {
    const vectors: Record<string, Float32Array> = {}
    for (const [name, vector] of Object.entries(this.kept)) vectors[name] = (await vector.read()).slice()
    return { vectors, steps: this.steps }
  }

  /** Learn from the iterations [from, to) of an epoch (from 0); what is to be reported of this worker's shards. */
  async train(epoch: number, from: number, to: number): Promise<ShardReport[]> {
    const reports: ShardReport[] = []
    for (let iteration = from; iteration < to; iteration++) reports.push(...(await this.iterate({ epoch, iteration })))
    return reports
  }

  /** One iteration: play and differentiate shards of the batch while there are any, then step with the others. */
  private async iterate(position: Position): Promise<ShardReport[]> {
    const { epoch, iteration } = position
    const { epochs, batchSize, rollouts } = this.config.training
    const { environment, algorithm } = this.plan
    const { items: epochItems, iterations } = epochSize(this.config, environment.itemCount)
    const progress = (epoch + iteration / iterations) / epochs
    const from = iteration * batchSize
    const items = this.itemsOf(epoch).subarray(from, Math.min(from + batchSize, epochItems))
    const whole: Iteration = {
      ...{ epoch, iteration, progress, items },
      scalars: algorithm.scalars(progress),
      episodes: items.length * rollouts,
    }
    const taken = await (algorithm.updates ? this.learnOften(whole) : this.learnOnce(whole))
    return taken.map(({ shard, episodes, metrics }) => {
      const weight = episodes.batch / whole.episodes
      const all = Object.entries({ ...metrics, ...episodeMetrics(this.plan, episodes) })
      return { iteration, shard, sums: Object.fromEntries(all.map(([name, value]) => [name, value * weight])) }
    })
  }

  /** Start the episodes of one shard; undefined where the batch is too small for it to have any. */
  private startShard(iteration: Iteration, shard: number): EpisodeBatch | undefined {
    const { seed, rollouts } = this.config.training
    const [from, to] = shardRange(iteration.items.length, this.reduce.shards, shard)
    if (to === from) return undefined
    const items = repeated(iteration.items.subarray(from, to), rollouts)
    const world = Rng.of(seed, 'world', iteration.epoch).next()
    const options: SamplingOptions = {
      greedy: false,
      std: iteration.scalars.std,
      drawPredictions: !this.plan.spec.supervised,
      streams: Array.from(items, (item, b) => Rng.of(seed, 'policy', iteration.epoch, item, b % rollouts)),
    }
    return new EpisodeBatch(this.plan, options, { seed: world, items })
  }

  /** Act and learn in one program, shard by shard. */
  private async learnOnce(iteration: Iteration): Promise<TakenShard[]> {
    const { horizon } = this.plan.environment
    const taken: TakenShard[] = []
    let resident: number | undefined
    for (let shard = this.reduce.takeShard(); shard !== undefined; shard = this.reduce.takeShard()) {
      const episodes = this.startShard(iteration, shard)
      if (resident !== undefined) await this.share(resident)
      resident = shard
      if (!episodes) {
        this.gradient.write(new Float32Array(this.length))
        continue
      }
      const weight = episodes.batch / iteration.episodes
      const results = await this.program('learn', episodes.batch).run(
        { parameters: this.parameters, gradient: this.gradient },
        (stage, outputs) => {
          if (stage > 0) episodes.act(stage - 1, outputs)
          return stage < horizon
            ? episodes.observation
            : trajectoryInputs(this.plan, episodes, weight, iteration.scalars)
        },
      )
      const metrics = metricsOf(results)
      this.assertFinite(metrics)
      taken.push({ shard, episodes, metrics })
    }
    await this.step(iteration.progress, resident)
    return taken
  }

  /** Act, then learn from what was recorded, in passes over minibatches of items with all their rollouts. */
  private async learnOften(iteration: Iteration): Promise<TakenShard[]> {
    const { updateEpochs, minibatches } = this.plan.algorithm.updates!
    const { seed, rollouts } = this.config.training
    const taken: TakenShard[] = []
    const empty: number[] = []
    for (let shard = this.reduce.takeShard(); shard !== undefined; shard = this.reduce.takeShard()) {
      const episodes = this.startShard(iteration, shard)
      if (!episodes) {
        empty.push(shard)
        continue
      }
      await this.play(episodes)
      taken.push({ shard, episodes, metrics: {} })
    }
    const streams = taken.map(({ shard }) => Rng.of(seed, 'minibatches', iteration.epoch, iteration.iteration, shard))
    const totals = taken.map(() => ({}) as Record<string, number>)
    let updates = 0
    for (let pass = 0; pass < updateEpochs; pass++) {
      const orders = taken.map(({ episodes }, i) => {
        const items = episodes.batch / rollouts
        return updateEpochs * minibatches > 1
          ? streams[i]!.permutation(items)
          : Int32Array.from({ length: items }, (_, k) => k)
      })
      for (let k = 0; k < minibatches; k++) {
        const rows = taken.map(({ episodes }, i) => {
          const [from, to] = shardRange(episodes.batch / rollouts, minibatches, k)
          return rowsOfItems(orders[i]!.subarray(from, to), rollouts)
        })
        const found = await this.learnMinibatch(iteration, taken, rows, empty)
        if (found === 'nothing') continue
        if (found === 'enough') return finished(taken, totals, updates)
        for (const [i, metrics] of found.entries())
          for (const [name, value] of Object.entries(metrics)) totals[i]![name] = (totals[i]![name] ?? 0) + value
        updates++
      }
    }
    return finished(taken, totals, updates)
  }

  /** One update from the rows of each shard; their metrics, or why there was none. */
  private async learnMinibatch(
    iteration: Iteration,
    taken: readonly TakenShard[],
    rows: readonly Int32Array[],
    empty: readonly number[],
  ): Promise<Sums[] | 'nothing' | 'enough'> {
    const { targetKl } = this.plan.algorithm.updates!
    const counts = taken.map(({ shard }, i) => [shard, [rows[i]!.length]] as const)
    const [shown] = this.reduce.sumShards([...counts, ...empty.map((shard) => [shard, [0]] as const)])
    if (shown === 0) return 'nothing'
    const found: Sums[] = []
    let resident: number | undefined
    const zeros = async (shard: number): Promise<void> => {
      if (resident !== undefined) await this.share(resident)
      resident = shard
      this.gradient.write(new Float32Array(this.length))
    }
    for (const shard of empty) await zeros(shard)
    for (const [i, { shard, episodes }] of taken.entries()) {
      const picked = rows[i]!
      if (picked.length === 0) {
        await zeros(shard)
        found.push({})
        continue
      }
      if (resident !== undefined) await this.share(resident)
      resident = shard
      const weight = picked.length / shown!
      const inputs = minibatchInputs(this.plan, episodes, picked, weight, iteration.scalars)
      const vectors = { parameters: this.parameters, gradient: this.gradient }
      const metrics = metricsOf(await this.program('minibatch', picked.length).run(vectors, () => inputs))
      this.assertFinite(metrics)
      found.push(metrics)
    }
    if (targetKl !== undefined) {
      const moved = taken.map(
        ({ shard }, i) => [shard, [((found[i]!.approximateKl ?? 0) * rows[i]!.length) / shown!]] as const,
      )
      const [mean] = this.reduce.sumShards([...moved, ...empty.map((shard) => [shard, [0]] as const)])
      if (mean! > targetKl) return 'enough'
    }
    await this.step(iteration.progress, resident)
    return found
  }

  /** Play whole episodes without learning. */
  async play(episodes: EpisodeBatch, options: { averaged?: boolean; plan?: Plan } = {}): Promise<void> {
    const parameters = (options.averaged && this.kept.average) || this.parameters
    await playThrough(this.program('act', episodes.batch), parameters, options.plan ?? this.plan, episodes)
  }

  /** The environment of a split, with the training's options. */
  environment(split: Split): Environment {
    const found = this.environments.get(split)
    if (found) return found
    const { id, ...options } = this.config.environment
    const made = make(id, { ...options, split, batchSize: 1 })
    this.environments.set(split, made)
    return made
  }

  /** Let go of everything that was compiled, and of the vectors. */
  dispose(): void {
    for (const program of this.programs.values()) program.dispose()
    this.programs.clear()
    for (const vector of [this.gradient, ...Object.values(this.kept)]) vector.dispose()
  }

  /** Show the gradient of a shard, which is in `gradient`, to all. */
  private async share(shard: number): Promise<void> {
    await this.gradient.read(this.reduce.gradient(shard))
  }

  /**
   * Sum all shards' gradients, clip and step. Every worker steps by itself and comes to the same bits: to wait for the others'
   * parts of the parameters takes longer. `resident` is the shard whose gradient is in this worker's own vector.
   */
  private async step(progress: number, resident: number | undefined): Promise<void> {
    const { reduce, optimiser } = this
    const others: Record<string, Float32Array> = {}
    if (reduce.shards > 1) {
      if (resident !== undefined && reduce.size > 1) await this.share(resident)
      if (reduce.sumsTogether) this.gradient.write(reduce.total())
      else
        for (const [shard, gradient] of reduce.gather().entries())
          if (shard !== resident) others[`gradient${shard}`] = gradient
    }
    this.steps++
    const scalars = optimiser.scalars(this.steps, scheduledRate(this.config.training, progress))
    const program = this.program('step', reduce.sumsTogether ? 0 : (resident ?? -1))
    await program.run({ ...this.kept, gradient: this.gradient }, (stage, outputs) => {
      if (stage === 0) return others
      let squaredNorm = 0
      for (let shard = 0; shard < reduce.shards; shard++) squaredNorm += outputs[`squaredNorm.${shard}`]![0]!
      if (!Number.isFinite(squaredNorm)) throw this.diverged('the gradient')
      return inputScalars({ ...scalars, squaredNorm })
    })
  }

  /** A program, compiled when it is first asked for; `detail` is the batch, or of a step the shard that is resident. */
  private program(kind: 'act' | 'learn' | 'minibatch' | 'step', detail: number): Program {
    const key = `${kind} ${detail}`
    const known = this.programs.get(key)
    if (known) return known
    const { gradientClip, averaging } = this.config.training
    const { shards, sumsTogether } = this.reduce
    const gradients = sumsTogether ? 1 : shards
    const charge = { length: this.length, shards, gradients, resident: detail < 0 ? undefined : detail }
    const definition = {
      act: () => actDefinition(this.plan, detail),
      learn: () => learnDefinition(this.plan, detail),
      minibatch: () => minibatchDefinition(this.plan, detail),
      step: () => stepDefinition({ optimiser: this.optimiser, gradientClip, averaging, ...charge }),
    }[kind]()
    const program = this.engine.compile(definition)
    this.programs.set(key, program)
    return program
  }

  /** The items of an epoch in its order. */
  private itemsOf(epoch: number): Int32Array {
    if (this.order.epoch !== epoch) {
      const { itemCount } = this.plan.environment
      const { items } = epochSize(this.config, itemCount)
      this.order.epoch = epoch
      this.order.items = Number.isFinite(itemCount)
        ? Rng.of(this.config.training.seed, 'order', epoch).permutation(itemCount)
        : Int32Array.from({ length: items }, (_, i) => epoch * items + i)
    }
    return this.order.items
  }

  private assertFinite(metrics: Sums): void {
    for (const [name, value] of Object.entries(metrics)) if (!Number.isFinite(value)) throw this.diverged(`"${name}"`)
  }

  /** What to say of a number that is none: before the first step it is the loss that is at fault, and no learning rate. */
  private diverged(what: string): UserError {
    const { name } = this.plan.algorithm
    return new UserError(
      this.steps <= 1
        ? `algorithm ${name}: ${what} is not a finite number in the very first iteration; look at its loss (log of 0, division by 0, a mask that is empty)`
        : `the training diverged: ${what} is not a finite number after ${this.steps} steps; lower --learning-rate or raise --std, and go on from the last checkpoint`,
    )
  }
}

/** The shards with the means of their metrics over the updates. */
function finished(taken: TakenShard[], totals: readonly Record<string, number>[], updates: number): TakenShard[] {
  for (const [i, each] of taken.entries())
    each.metrics = Object.fromEntries(Object.entries(totals[i]!).map(([name, value]) => [name, value / updates]))
  return taken
}

/** Each item `times` times, side by side. */
export function repeated(items: Int32Array, times: number): Int32Array {
  return times === 1
    ? items
    : Int32Array.from({ length: items.length * times }, (_, i) => items[Math.floor(i / times)]!)
}

/** The rows of items' rollouts, which lie side by side. */
const rowsOfItems = (items: Int32Array, rollouts: number): Int32Array =>
  Int32Array.from(
    { length: items.length * rollouts },
    (_, i) => items[Math.floor(i / rollouts)]! * rollouts + (i % rollouts),
  )

/** The metrics of a program's results, without their prefix. */
const metricsOf = (results: Arrays): Sums =>
  Object.fromEntries(
    Object.entries(results).flatMap(([name, values]) =>
      name.startsWith('metric.') ? [[name.slice('metric.'.length), values[0]!]] : [],
    ),
  )
