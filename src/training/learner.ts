// One worker's share of a training: its part of every batch is played, differentiated and, together with the others'
// parts, stepped. With one worker it is the whole training. The same numbers come of the same config, epoch and iteration.

import { makeAgent } from '../agent/registry.ts'
import { createOptimiser, type Optimiser, scheduledRate } from '../algorithms/optimisers.ts'
import { makeAlgorithm } from '../algorithms/registry.ts'
import { UserError } from '../core/errors.ts'
import { Rng } from '../core/rng.ts'
import { type Arrays, lengthOf } from '../core/tensors.ts'
import type { Engine, Program, Vector } from '../engine/engine.ts'
import type { Environment } from '../env/environment.ts'
import { make, type Split } from '../env/registry.ts'
import type { RunConfig } from '../runs/config.ts'
import { actDefinition, learnDefinition, type Plan, relearnDefinition, stepDefinition } from './programs.ts'
import { inputScalars, whatHappened, whatWasSeen } from './record.ts'
import { isSupervised, type Manner, playThrough, Rollout } from './rollout.ts'
import { part, type Share } from './share.ts'

/** Sums over episodes of what was reported, by name; `episodes` is their number. */
export type Sums = { readonly [metric: string]: number }

/** How far a training is: `progress` in [0, 1) is what schedules go by. */
export type Position = { readonly epoch: number; readonly iteration: number }

/** How many iterations and items an epoch of this configuration has in this world. */
export function epochSize(config: RunConfig, itemCount: number): { items: number; iterations: number } {
  const { epochItems, batchSize } = config.training
  const items = Math.min(itemCount, epochItems ?? (Number.isFinite(itemCount) ? itemCount : 10_000))
  return { items, iterations: Math.ceil(items / batchSize) }
}

export class Learner {
  readonly plan: Plan
  readonly length: number
  private readonly config: RunConfig
  private readonly engine: Engine
  private readonly share: Share
  private readonly optimiser: Optimiser
  private readonly parameters: Vector
  private readonly gradient: Vector
  /** What the optimiser is in charge of: the part of the parameters, the moments, the average. */
  private readonly parts: Record<string, Vector> = {}
  private readonly average: Vector | undefined
  private readonly environments = new Map<Split, Environment>()
  private readonly programs = new Map<string, Program>()
  private readonly order: { epoch: number; items: Int32Array } = { epoch: -1, items: new Int32Array() }
  /** Steps that the optimiser has taken: a function of the position, but for algorithms that may end a pass early. */
  private steps = 0

  constructor(config: RunConfig, engine: Engine, share: Share) {
    this.config = config
    this.engine = engine
    this.share = share
    this.plan = createPlan(config)
    this.environments.set('train', this.plan.environment)
    this.optimiser = createOptimiser(config.training)
    this.length = lengthOf(this.plan.agent.layout)
    this.parameters = engine.vector(this.length)
    this.gradient = engine.vector(this.length)
    const averaging = config.training.averaging > 0
    const names = ['parameters', ...this.optimiser.moments, ...(averaging ? ['average'] : [])]
    for (const name of names)
      this.parts[name] =
        share.size === 1 && name === 'parameters' ? this.parameters : engine.vector(share.to - share.from)
    if (averaging) this.average = share.size === 1 ? this.parts.average : engine.vector(this.length)
  }

  /** Take over whole vectors, by name, and the number of optimiser steps that led to them. */
  write(vectors: Record<string, Float32Array>, steps: number): void {
    this.steps = steps
    for (const [name, vector] of Object.entries(this.parts))
      vector.write(vectors[name]!.subarray(this.share.from, this.share.to))
    this.parameters.write(vectors.parameters!)
    this.average?.write(vectors.average!)
  }

  /** Whole vectors, by name, put together from all workers' parts. All workers must ask at once. */
  async read(): Promise<{ vectors: Record<string, Float32Array>; steps: number }> {
    const vectors: Record<string, Float32Array> = {}
    for (const name of Object.keys(this.parts)) {
      vectors[name] = (await this.gather(name)).slice()
      this.share.barrier()
    }
    return { vectors, steps: this.steps }
  }

  /** Learn from the iterations [from, to) of an epoch (from 0); this worker's weighted metrics of each. */
  async train(epoch: number, from: number, to: number): Promise<Sums[]> {
    const reports: Sums[] = []
    for (let iteration = from; iteration < to; iteration++) reports.push(await this.iterate({ epoch, iteration }))
    return reports
  }

  /** One iteration: play this worker's part of the batch, differentiate, step with the others. */
  private async iterate({ epoch, iteration }: Position): Promise<Sums> {
    const { seed, epochs, batchSize, rollouts } = this.config.training
    const { environment, algorithm } = this.plan
    const { items: epochItems, iterations } = epochSize(this.config, environment.itemCount)
    const progress = (epoch + iteration / iterations) / epochs
    const from = iteration * batchSize
    const count = Math.min(batchSize, epochItems - from)
    const [first, last] = part(count, this.share.size, this.share.rank)
    const items = repeated(this.itemsOf(epoch).subarray(from + first, from + last), rollouts)
    const scalars = algorithm.scalars(progress)
    const rng = Rng.of(seed, 'policy', epoch, iteration, first)
    const manner: Manner = { greedy: false, std: scalars.std, rng }
    const world = Rng.of(seed, 'world', epoch).next()
    const outcome: Outcome = { scalars, progress, rng, episodes: count * rollouts }
    const start = (): Rollout => new Rollout(environment, algorithm, manner, world, items)
    return algorithm.reuse
      ? this.learnOften(start, items.length, outcome)
      : this.learnOnce(start, items.length, outcome)
  }

  /** Act and learn in one program. */
  private async learnOnce(start: () => Rollout, batch: number, outcome: Outcome): Promise<Sums> {
    const steps = this.plan.environment.horizon
    const { scalars } = outcome
    let metrics: Sums = {}
    let rollout: Rollout | undefined
    if (batch > 0) {
      const played = start()
      rollout = played
      const results = await this.program('learn', batch).run(
        { parameters: this.parameters, gradient: this.gradient },
        (stage, thought) => {
          if (stage > 0) played.act(stage - 1, thought)
          return stage < steps ? played.observation : whatHappened(this.plan, played, batch / outcome.episodes, scalars)
        },
      )
      metrics = scalarsOf(results)
    } else this.gradient.write(new Float32Array(this.length))
    this.assertFinite(metrics)
    await this.step(outcome.progress)
    return this.report(metrics, rollout, outcome.episodes)
  }

  /** Act, then learn from what was recorded, in passes over minibatches of items with all their rollouts. */
  private async learnOften(start: () => Rollout, batch: number, outcome: Outcome): Promise<Sums> {
    const { passes, minibatches, enough } = this.plan.algorithm.reuse!
    const { rollouts } = this.plan
    const items = batch / rollouts
    const rollout = batch > 0 ? start() : undefined
    if (rollout) await this.play(rollout)
    const totals: Record<string, number> = {}
    let updates = 0
    let done = false
    for (let pass = 0; pass < passes && !done; pass++) {
      const order =
        passes * minibatches > 1 ? outcome.rng.permutation(items) : Int32Array.from({ length: items }, (_, i) => i)
      for (let k = 0; k < minibatches && !done; k++) {
        const [from, to] = part(items, minibatches, k)
        const [shown] = this.share.sum([to - from])
        if (shown === 0) continue
        const weight = (to - from) / shown!
        let metrics: Sums = {}
        if (rollout && to > from) {
          const rows = Int32Array.from(
            { length: (to - from) * rollouts },
            (_, i) => order[from + Math.floor(i / rollouts)]! * rollouts + (i % rollouts),
          )
          const inputs = whatWasSeen(this.plan, rollout, rows, weight, outcome.scalars)
          const vectors = { parameters: this.parameters, gradient: this.gradient }
          metrics = scalarsOf(await this.program('relearn', rows.length).run(vectors, () => inputs))
        } else this.gradient.write(new Float32Array(this.length))
        this.assertFinite(metrics)
        if (enough) {
          const [mean] = this.share.sum([(metrics[enough.metric] ?? 0) * weight])
          done = mean! > enough.limit
          if (done) break
        }
        await this.step(outcome.progress)
        for (const [name, value] of Object.entries(metrics)) totals[name] = (totals[name] ?? 0) + value
        updates++
      }
    }
    const means = Object.fromEntries(Object.entries(totals).map(([name, value]) => [name, value / updates]))
    return this.report(means, rollout, outcome.episodes)
  }

  /** Play whole episodes without learning. */
  async play(rollout: Rollout, options: { averaged?: boolean } = {}): Promise<void> {
    const parameters = options.averaged && this.average ? this.average : this.parameters
    await playThrough(this.program('act', rollout.batch), parameters, rollout)
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

  /** Put the moving average of the parameters, where there is one, to use in evaluation. All workers must ask at once. */
  async refreshAverage(): Promise<void> {
    if (!this.average || this.share.size === 1) return
    this.average.write(await this.gather('average'))
    this.share.barrier()
  }

  /** Sum all workers' gradients, clip, step, and bring everybody's parameters up to date. */
  private async step(progress: number): Promise<void> {
    const { share, optimiser } = this
    const { from, to, size } = share
    const others: Record<string, Float32Array> = {}
    if (size > 1) {
      // what others are in charge of; the own part is read where it lies
      const shown = share.gradient(share.rank)
      await this.gradient.read(shown.subarray(0, from))
      await this.gradient.read(shown.subarray(to), to)
      share.barrier()
      for (let rank = 0; rank < size; rank++)
        if (rank !== share.rank) others[`gradient${rank}`] = share.gradient(rank).subarray(from, to)
    }
    this.steps++
    const scalars = optimiser.scalars(this.steps, scheduledRate(this.config.training, progress))
    await this.program('step', 0).run({ ...this.parts, gradient: this.gradient }, (stage, outputs) => {
      if (stage === 0) return others
      const [squaredNorm] = share.sum([outputs.squaredNorm![0]!])
      if (!Number.isFinite(squaredNorm)) throw diverged('the gradient')
      return inputScalars({ ...scalars, squaredNorm: squaredNorm! })
    })
    if (size > 1) this.parameters.write(await this.gather('parameters'))
  }

  /** A whole vector from the workers' parts; in shared memory, where it stays until all have come to the next barrier. */
  private async gather(name: string): Promise<Float32Array> {
    const { share } = this
    const own = this.parts[name]!
    if (share.size === 1) return own.read()
    await own.read(share.vector.subarray(share.from, share.to))
    share.barrier()
    return share.vector
  }

  /** A program, compiled when it is first asked for. */
  private program(kind: 'act' | 'learn' | 'relearn' | 'step', batch: number): Program {
    const key = `${kind} ${batch}`
    const known = this.programs.get(key)
    if (known) return known
    const { gradientClip, averaging } = this.config.training
    const { from, to, size, rank } = this.share
    const charge = { whole: this.length, from, to, size, rank }
    const definition = {
      act: () => actDefinition(this.plan, batch),
      learn: () => learnDefinition(this.plan, batch),
      relearn: () => relearnDefinition(this.plan, batch),
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

  /** Metrics of this worker's part, weighted by its share of the batch's episodes. */
  private report(metrics: Sums, rollout: Rollout | undefined, episodes: number): Sums {
    if (!rollout) return {}
    const { batch, target } = rollout
    const weight = batch / episodes
    const mean = (values: Float32Array): number => values.reduce((total, value) => total + value, 0) / batch
    const all: Record<string, number> = { ...metrics, reward: mean(rollout.returns()), spread: rollout.spread() }
    if (this.plan.environment.actionSpace.stop) all.glimpses = mean(rollout.lengths())
    if (target) {
      const right = rollout.decided.map((decided, row) =>
        decided && rollout.choice[row] === target[row % batch] ? 1 : 0,
      )
      all.accuracy = mean(right)
    }
    const { total, loss, ...rest } = all
    const named = { ...(total !== undefined && { loss: total }), ...rest }
    return Object.fromEntries(Object.entries(named).map(([name, value]) => [name, value * weight]))
  }

  private assertFinite(metrics: Sums): void {
    for (const [name, value] of Object.entries(metrics)) if (!Number.isFinite(value)) throw diverged(`"${name}"`)
  }
}

/** What the learning of one batch goes by. */
type Outcome = {
  readonly scalars: Readonly<Record<string, number>>
  readonly progress: number
  readonly rng: Rng
  /** Of all workers together. */
  readonly episodes: number
}

/** The agent, world and algorithm of a configuration. @throws UserError where they do not go together. */
export function createPlan(config: RunConfig): Plan {
  const { id, ...options } = config.environment
  const { name, ...rule } = config.algorithm
  const environment = make(id, { ...options, split: 'train', batchSize: 1 })
  const algorithm = makeAlgorithm(name, rule)
  const { rollouts } = config.training
  if (rollouts < (algorithm.minimumRollouts ?? 1))
    throw new UserError(
      `algorithm ${name}: rollouts ${rollouts} given; it compares at least ${algorithm.minimumRollouts} rollouts of an item: add --rollouts ${algorithm.minimumRollouts}`,
    )
  const { name: kind, ...mind } = config.agent
  const agent = makeAgent(kind, mind, {
    glimpseShape: environment.observationSpace.glimpse.shape,
    choiceCount: environment.actionSpace.choice.count,
    stop: environment.actionSpace.stop !== undefined,
  })
  const { info } = environment.reset({ seed: 0, items: [0] })
  return { agent, environment, algorithm, supervised: isSupervised(environment, algorithm, info.target), rollouts }
}

/** The vectors that a fresh training starts from, by name. */
export function firstVectors({ training }: RunConfig, { agent }: Plan): Record<string, Float32Array> {
  const parameters = agent.init(Rng.of(training.seed, 'initialise'))
  const zeros = createOptimiser(training).moments.map((name) => [name, new Float32Array(parameters.length)])
  return {
    parameters,
    ...Object.fromEntries(zeros),
    ...(training.averaging > 0 && { average: parameters.slice() }),
  }
}

/** Each item `times` times, side by side. */
export function repeated(items: Int32Array, times: number): Int32Array {
  return times === 1
    ? items
    : Int32Array.from({ length: items.length * times }, (_, i) => items[Math.floor(i / times)]!)
}

const scalarsOf = (results: Arrays): Sums =>
  Object.fromEntries(Object.entries(results).map(([name, values]) => [name, values[0]!]))

const diverged = (what: string): UserError =>
  new UserError(
    `the training diverged: ${what} is not a finite number; lower --learning-rate or raise --std, and go on from the last checkpoint`,
  )
