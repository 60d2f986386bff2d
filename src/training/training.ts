// A training from its first iteration, or from its last checkpoint, to its test errors. It emits what happens and prints
// nothing; what it leaves it gives to a keeper, and needs none. Runs in a browser too: trainer.ts makes one in Node.

import { EventEmitter } from 'eventemitter3'
import { scheduledRate } from '../algorithms/optimisers.ts'
import { UserError } from '../core/errors.ts'
import { lengthOf } from '../core/tensors.ts'
import { categoriesOf, chanceError } from '../env/spaces.ts'
import type { RunConfig } from '../runs/config.ts'
import type { Checkpoint, CheckpointKind, EpochRecord, Errors, Measure, Metrics, Summary } from '../runs/records.ts'
import { type CountedBatch, type EvaluationCounts, errorsOf, figureOf, measureOf, mergeCounts } from './evaluation.ts'
import type { TrainerEvents } from './events.ts'
import type { ShardReport, Sums } from './learner.ts'
import { epochSize } from './plan.ts'
import type { WorkerPool } from './pool.ts'
import type { Plan } from './programs.ts'

/** Iterations are handed out in runs of about this many milliseconds, between which a training can be stopped. */
const chunkMilliseconds = 150

/** Batches that a worker evaluates between two reports. */
const batchesAtOnce = 4

/** Everything of a training that changes as it goes, and that a checkpoint keeps beside the vectors. */
type Progress = {
  epoch: number
  iteration: number
  sums: Sums
  best: { epoch: number; validationError: number } | undefined
  /** Wall time of earlier sittings, and when this one began. */
  readonly secondsBefore: number
  readonly began: number
  /** Training time of the epochs of this sitting. */
  epochSeconds: number[]
}

/** Where a training leaves what it makes, and finds it again: a run directory. */
export type Keeper = {
  readonly path: string
  /** Forget the epochs after this one. */
  rewind(epoch: number): void
  appendEpoch(record: EpochRecord): void
  epochs(): readonly Pick<EpochRecord, 'seconds'>[]
  writeSummary(summary: Summary): void
  has(kind: CheckpointKind): boolean
  /** @returns where it is now */
  save(kind: CheckpointKind, checkpoint: Checkpoint): string
  /** @throws UserError where there is none, or it is broken. */
  load(kind: CheckpointKind): Checkpoint
}

/** What a training is made of; the pool has its vectors already. */
export type TrainingParts = {
  readonly config: RunConfig
  readonly plan: Plan
  readonly pool: WorkerPool
  readonly engine: { readonly name: string; readonly why: string }
  readonly keeper?: Keeper | undefined
  /** Where it goes on from. */
  readonly checkpoint?: Checkpoint | undefined
  /** To be told at the start. */
  readonly warnings?: readonly string[]
  /** Awaited before iterations are handed out: the most that may be. It is how a training pauses, and takes single steps. */
  readonly permit?: (() => Promise<number>) | undefined
}

/** A training. @see TrainerEvents for what it tells. */
export class Training extends EventEmitter<TrainerEvents> {
  readonly config: RunConfig
  private readonly keeper: Keeper | undefined
  private readonly plan: Plan
  private readonly pool: WorkerPool
  private readonly engine: { readonly name: string; readonly why: string }
  private readonly progress: Progress
  /** The vectors of the best epoch, where there is no directory to keep them. */
  private bestVectors: { vectors: Record<string, Float32Array>; steps: number } | undefined
  private stopping = false
  private disposed = false
  private readonly warnings: readonly string[]
  private readonly measure: Measure
  private readonly permit: TrainingParts['permit']

  constructor({ config, keeper, plan, pool, engine, checkpoint, warnings = [], permit }: TrainingParts) {
    super()
    this.config = config
    this.keeper = keeper
    this.permit = permit
    this.plan = plan
    this.pool = pool
    this.warnings = warnings
    this.engine = engine
    this.measure = measureOf(plan.environment, plan.hasTargets)
    this.progress = {
      epoch: checkpoint?.epoch ?? 0,
      iteration: checkpoint?.iteration ?? 0,
      sums: checkpoint?.sums ?? {},
      best: checkpoint?.best,
      secondsBefore: checkpoint?.seconds ?? 0,
      began: performance.now(),
      epochSeconds: [],
    }
  }

  /**
   * Train to the end, or to `stop`, from which it resolves to undefined. The best epoch's parameters are tested.
   * @throws UserError once the trainer is disposed, also while it trains.
   */
  async train(): Promise<Summary | undefined> {
    this.refuseDisposed()
    const { epochs, evaluateEvery } = this.config.training
    const { progress } = this
    this.keeper?.rewind(progress.epoch)
    this.tellStart()
    let due = true
    while (progress.epoch < epochs && !this.stopping && !(due && this.outOfPatience)) {
      const seconds = await this.trainEpoch()
      if (this.stopping && progress.iteration < this.size.iterations) break
      progress.epoch++
      due = progress.epoch % evaluateEvery === 0 || progress.epoch === epochs
      await this.endEpoch(seconds, due)
    }
    this.refuseDisposed()
    if (this.stopping) {
      await this.save('last')
      this.emit('end', undefined)
      return undefined
    }
    const summary = await this.summarise()
    this.keeper?.writeSummary(summary)
    this.emit('end', summary)
    return summary
  }

  /** End after the iterations that are under way, with a checkpoint. */
  stop(): void {
    this.stopping = true
  }

  /** Let go of the engine and the workers, once the iterations that are under way are done; `train` then ends with an error. */
  async dispose(): Promise<void> {
    this.disposed = true
    this.stopping = true
    await this.pool.dispose()
  }

  private refuseDisposed(): void {
    if (this.disposed)
      throw new UserError('this trainer was disposed; make a new one (from its run directory, to go on where it was)')
  }

  /** Whether the validation error has not got better for as many epochs as `patience` allows. */
  private get outOfPatience(): boolean {
    const { patience } = this.config.training
    const { epoch, best } = this.progress
    return patience > 0 && best !== undefined && epoch - best.epoch >= patience
  }

  private get size(): { items: number; iterations: number } {
    return epochSize(this.config, this.plan.environment.itemCount)
  }

  /** The rest of the current epoch, in chunks; seconds of training. */
  private async trainEpoch(): Promise<number> {
    const { progress, config } = this
    const { iterations, items } = this.size
    const began = performance.now()
    const firstIteration = progress.iteration
    let [chunk, told] = [1, 0]
    while (progress.iteration < iterations && !this.stopping) {
      const most = (await this.permit?.()) ?? chunk
      if (this.stopping) break
      const to = Math.min(iterations, progress.iteration + Math.min(chunk, most))
      const chunkBegan = performance.now()
      this.refuseDisposed()
      const answers = await this.pool.call('train', { epoch: progress.epoch, from: progress.iteration, to })
      // a team of one never waits for anything, and then no signal would ever be heard
      await nextTurn()
      const now = performance.now()
      const perIteration = (now - chunkBegan) / (to - progress.iteration)
      progress.sums = addIterations(progress.sums, answers)
      progress.iteration = to
      chunk = Math.max(1, Math.round(chunkMilliseconds / perIteration))
      if (now - told < 100 && to < iterations) continue
      told = now
      const pace = (now - began) / 1000 / (to - firstIteration)
      this.emit('iteration', {
        epoch: progress.epoch + 1,
        iteration: to,
        iterationsPerEpoch: iterations,
        metrics: means(progress.sums, to),
        imagesPerSecond: Math.min(config.training.batchSize, items) / pace,
        secondsLeft: pace * ((config.training.epochs - progress.epoch) * iterations - to),
      })
    }
    return (performance.now() - began) / 1000
  }

  /** Evaluate, tell, write down, save. */
  private async endEpoch(seconds: number, evaluate: boolean): Promise<void> {
    const { progress, config } = this
    const { iterations, items } = this.size
    const train = means(progress.sums, iterations)
    const validation = evaluate ? await this.validate() : undefined
    const best = validation !== undefined && !(progress.best && progress.best.validationError <= validation.error!)
    if (best) progress.best = { epoch: progress.epoch, validationError: validation.error! }
    progress.iteration = 0
    progress.sums = {}
    progress.epochSeconds.push(seconds)
    const record: EpochRecord = {
      epoch: progress.epoch,
      epochs: config.training.epochs,
      train,
      ...(validation && { validation }),
      best,
      measure: this.measure,
      ...(this.measure === 'error' && { chance: chanceError(...categoriesOf(this.plan.environment.predictionSpace!)) }),
      steps: Math.round(items * this.plan.rollouts * (train.glimpses ?? this.plan.environment.horizon)),
      learningRate: scheduledRate(config.training, progress.epoch / config.training.epochs),
      seconds,
      imagesPerSecond: items / seconds,
    }
    // the line first: a run that dies between the two is rewound to the checkpoint
    this.keeper?.appendEpoch(record)
    await this.save('last', best)
    this.emit('epoch', record)
  }

  /** The greedy figure on the validation items, the less the better, and other means. */
  private async validate(): Promise<Metrics> {
    const counts = await this.evaluate('validation', true, 1)
    const { episodes } = counts
    const figure = figureOf(counts, this.measure)
    return {
      error: this.measure === 'return' ? -figure : figure,
      return: counts.return / episodes,
      glimpses: counts.glimpses / episodes,
    }
  }

  /** All workers' evaluation of the current parameters. */
  private async evaluate(
    split: 'validation' | 'test' | 'train',
    greedy: boolean,
    rollouts: number,
  ): Promise<EvaluationCounts> {
    const { std } = this.plan.algorithm.scalars(this.progress.epoch / this.config.training.epochs)
    const { averaging, evaluationItems } = this.config.training
    const request = { split, greedy, rollouts, std, items: evaluationItems, averaged: averaging > 0 }
    const found: CountedBatch[] = []
    const step = batchesAtOnce * this.pool.size
    for (let [from, done, total] = [0, 0, 1]; done < total; from += step) {
      const answers = await this.pool.call('evaluate', { ...request, batches: [from, from + step] })
      found.push(...answers.flat())
      done = found.reduce((sum, { counts }) => sum + counts.items, 0)
      total = found[0]?.of ?? 0
      this.emit('evaluating', { split, greedy, done, total })
    }
    return mergeCounts([found])
  }

  /** The test errors of the best epoch's parameters, and all else that summary.json holds. */
  private async summarise(): Promise<Summary> {
    const { config, progress, keeper } = this
    const { seed, evaluationRollouts } = config.training
    if (keeper?.has('best')) {
      const { tensors, steps } = keeper.load('best')
      await this.pool.call('write', { vectors: { ...tensors }, steps })
    } else if (keeper && progress.best) {
      this.emit('warning', `${keeper.path}/checkpoints/best is gone: what is tested is the last epoch's parameters`)
      progress.best = undefined
    } else if (this.bestVectors) await this.pool.call('write', this.bestVectors)
    const greedy = await this.evaluate('test', true, 1)
    const sampled = await this.evaluate('test', false, evaluationRollouts)
    const testError: Errors = errorsOf(greedy, sampled, this.measure)
    // of all sittings, where they are written down
    const epochSeconds = keeper?.epochs().map(({ seconds }) => seconds) ?? progress.epochSeconds
    return {
      testError,
      measure: this.measure,
      testItems: greedy.items,
      ...(!this.plan.environment.fixedLength && { glimpses: greedy.glimpses / greedy.episodes }),
      validationError: progress.best?.validationError ?? Number.NaN,
      bestEpoch: progress.best?.epoch ?? progress.epoch,
      epochs: progress.epoch,
      secondsPerEpoch: epochSeconds.reduce((sum, value) => sum + value, 0) / Math.max(1, epochSeconds.length),
      seconds: this.seconds,
      engine: this.engine.name,
      workers: this.pool.size,
      seed,
      parameters: lengthOf(this.plan.agent.layout),
      environment: config.environment.id,
      algorithm: config.algorithm.name,
    }
  }

  private get seconds(): number {
    return this.progress.secondsBefore + (performance.now() - this.progress.began) / 1000
  }

  /** Save the last checkpoint and, where this epoch is the best, the best one too. */
  private async save(kind: CheckpointKind, best = false): Promise<void> {
    const { keeper, progress, config } = this
    if (!keeper && !best) return
    const [state] = await this.pool.call('read', {})
    if (best && !keeper) this.bestVectors = state
    if (!keeper || !state) return
    const { epoch, iteration, sums } = progress
    const checkpoint: Checkpoint = {
      ...{ epoch, iteration, sums, best: progress.best, seconds: this.seconds, config },
      steps: state.steps,
      layout: this.plan.agent.layout,
      tensors: state.vectors,
    }
    for (const each of best ? (['best', kind] as const) : [kind]) {
      const path = keeper.save(each, checkpoint)
      this.emit('checkpoint', { kind: each, path })
    }
  }

  private tellStart(): void {
    const { items, iterations } = this.size
    this.emit('start', {
      config: this.config,
      directory: this.keeper?.path,
      engine: this.engine.name,
      why: this.engine.why,
      workers: this.pool.size,
      parameters: lengthOf(this.plan.agent.layout),
      iterationsPerEpoch: iterations,
      itemsPerEpoch: items,
      fromEpoch: this.progress.epoch,
      games: this.plan.environment.predictionSpace === undefined,
      measure: this.measure,
    })
    for (const warning of this.warnings) this.emit('warning', warning)
  }
}

/** Add up iteration by iteration, shard by shard: the same bits whoever did which shard, however the iterations were handed out. */
function addIterations(sums: Sums, answers: readonly (readonly ShardReport[])[]): Sums {
  const totals: Record<string, number> = { ...sums }
  const inOrder = answers.flat().sort((a, b) => a.iteration - b.iteration || a.shard - b.shard)
  for (const report of inOrder)
    for (const [name, value] of Object.entries(report.sums)) totals[name] = (totals[name] ?? 0) + value
  return totals
}

const means = (sums: Sums, count: number): Metrics =>
  Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / count]))

/** Lets the events that wait have their turn. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))
