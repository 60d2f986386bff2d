// A training in a worker: the same loop as on the command line, with a pool of one and nothing on disk. Between the chunks of
// iterations that the loop hands out it pauses, shows how its agent looks, and saves it.

import { UserError } from '../../src/core/errors.ts'
import { lengthOf } from '../../src/core/tensors.ts'
import { gazeOf } from '../../src/dashboard/gaze-of.ts'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { parseIdxImages, parseIdxLabels } from '../../src/datasets/idx.ts'
import { cutDataset } from '../../src/datasets/split.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { bareId } from '../../src/env/registry.ts'
import { registerImageWorlds } from '../../src/env/worlds/image-worlds.ts'
import { cardOf } from '../../src/inference/agent-card.ts'
import { decodeAgentFile, encodeAgentFile } from '../../src/inference/agent-file.ts'
import { Player } from '../../src/inference/replay.ts'
import { completeConfig, type RunConfig } from '../../src/runs/config.ts'
import { allocateShared } from '../../src/training/all-reduce.ts'
import { type EvaluationCounts, figureOf, measureOf, mergeCounts } from '../../src/training/evaluation.ts'
import { createPlan, epochSize, firstVectors } from '../../src/training/plan.ts'
import { soloPool, type WorkerPool } from '../../src/training/pool.ts'
import type { Plan } from '../../src/training/programs.ts'
import { Training } from '../../src/training/training.ts'
import { unpacked } from './bytes.ts'
import type { News, Permit, SavedAgent, TrainingRequest, TrainingStart } from './wire.ts'

/** Test episodes that are shown. */
const shown = 8
/** Milliseconds between two pictures of how it looks, while it learns. */
const pace = 1500

let mnist: Dataset | undefined

registerImageWorlds((name, _options, split, cutting) => {
  if (name !== 'mnist' || !mnist) throw new UserError(`this page has no images of ${name}; it has MNIST's`)
  return { ...mnist, indices: cutDataset(mnist, cutting)[split] }
})

/** Fetch the digits, once. */
async function fetchMnist(base: string): Promise<Dataset> {
  const files = ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1']
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all(
    files.map((name) => unpacked(`${base}${name}-ubyte.gz`)),
  )
  const [train, test] = [parseIdxImages(trainImages!, files[0]!), parseIdxImages(testImages!, files[2]!)]
  const labels = [parseIdxLabels(trainLabels!, files[1]!), parseIdxLabels(testLabels!, files[3]!)]
  const images = new Uint8Array(train.images.length + test.images.length)
  images.set(train.images)
  images.set(test.images, train.images.length)
  return {
    ...{ name: 'MNIST', height: train.height, width: train.width, channels: 1, images },
    labels: Uint8Array.from(labels.flatMap((each) => [...each])),
    classNames: Array.from({ length: 10 }, (_, digit) => String(digit)),
    testFrom: train.count,
  }
}

type Parts = { readonly config: RunConfig; readonly plan: Plan; readonly pool: WorkerPool; readonly player: Player }

export class Trainee {
  readonly start: TrainingStart
  private readonly parts: Parts
  private readonly training: Training
  private readonly tell: (news: News) => void
  private mode: 'run' | 'pause' = 'pause'
  private steps = 0
  private stepped = false
  private told = 0
  private epoch = 0
  private over = false
  /** What to do before the next iterations. */
  private readonly queue: (() => Promise<void>)[] = []
  private wake: () => void = () => {}

  /** Get a training ready; it begins with the first permit. @throws UserError where its parts do not go together. */
  static async create({ config: given, from, digits }: TrainingRequest, engine: Engine, tell: (news: News) => void) {
    if (/MNIST/.test(given.environment?.id ?? '')) mnist ??= await fetchMnist(digits)
    const config = completeConfig(given)
    const plan = createPlan(config)
    const length = lengthOf(plan.agent.layout)
    const pool = soloPool(config, engine, allocateShared(1, length))
    await pool.call('write', { vectors: firstVectors(config, plan, parametersOf(from, plan)), steps: 0 })
    const player = new Player(config, engine)
    const parts = { config, plan, pool, player }
    const before = await evaluate(parts, 'validation', 0)
    const measure = measureOf(plan.environment, plan.hasTargets)
    const { items } = epochSize(config, plan.environment.itemCount)
    const start = {
      ...{ parameters: length, itemsPerEpoch: items, epochs: config.training.epochs },
      ...{ measure, figure: figureOf(before, measure), drawn: plan.environment.render !== undefined },
    }
    return new Trainee(parts, engine.name, start, tell)
  }

  private constructor(parts: Parts, engine: string, start: TrainingStart, tell: (news: News) => void) {
    const { config, plan, pool } = parts
    this.parts = parts
    this.start = start
    this.tell = tell
    this.training = new Training({ config, plan, pool, engine: { name: engine, why: '' }, permit: () => this.turn() })
    this.training.on('iteration', ({ iteration, iterationsPerEpoch, imagesPerSecond, secondsLeft }) =>
      tell({ progress: iteration / iterationsPerEpoch, imagesPerSecond, secondsLeft }),
    )
    this.training.on('epoch', (record) => {
      this.epoch = record.epoch
      tell({ epoch: record })
      this.queue.push(() => this.showGaze(true))
    })
    void this.run()
  }

  permit(permit: Permit): void {
    if (permit === 'step') this.steps++
    else this.mode = permit
    this.wake()
  }

  /** The agent as it is now. @throws UserError where its algorithm chose locations by itself. */
  async save(): Promise<SavedAgent> {
    const { config, plan, pool } = this.parts
    const progress = this.progress
    const card = cardOf(config, plan, { epoch: this.epoch, progress })
    return this.between(async () => {
      const counts = await evaluate(this.parts, 'test', progress)
      const { measure } = this.start
      const figure = figureOf(counts, measure)
      const [state] = await pool.call('read', {})
      const file = encodeAgentFile({
        card: { ...card, test: { measure, greedy: figure } },
        layout: plan.agent.layout,
        parameters: state!.vectors.average ?? state!.vectors.parameters!,
      })
      return { file, epoch: this.epoch, measure, figure, items: counts.items }
    })
  }

  private get progress(): number {
    return Math.min(1, this.epoch / this.start.epochs)
  }

  private async run(): Promise<void> {
    this.queue.push(() => this.showGaze(true))
    try {
      const summary = await this.training.train()
      this.over = true
      this.tell({ summary: summary ?? null })
    } catch (error) {
      this.tell({ failure: error instanceof Error ? error.message : String(error) })
    }
    this.over = true
    while (this.queue.length > 0) await this.queue.shift()!()
  }

  /** Whatever is to be done between two chunks; then how many iterations the next may have. */
  private async turn(): Promise<number> {
    if (this.stepped || performance.now() - this.told > pace) this.queue.push(() => this.showGaze(false))
    this.stepped = false
    for (;;) {
      const task = this.queue.shift()
      if (task) await task()
      else if (this.steps > 0) {
        this.steps--
        this.stepped = true
        return 1
      } else if (this.mode === 'run') return Number.POSITIVE_INFINITY
      else await new Promise<void>((resolve) => (this.wake = resolve))
    }
  }

  /** Do something while no iteration is under way. */
  private between<T>(task: () => Promise<T>): Promise<T> {
    if (this.over) return task()
    return new Promise((resolve, reject) => {
      this.queue.push(() => task().then(resolve, reject))
      this.wake()
    })
  }

  /** Play test episodes as the agent is now. @param kept whether they are those of a checkpoint: of an epoch's end */
  private async showGaze(kept: boolean): Promise<void> {
    const { pool, player } = this.parts
    this.told = performance.now()
    if (!this.start.drawn) return
    const [state] = await pool.call('read', {})
    player.load(state!.vectors.average ?? state!.vectors.parameters!)
    const items = Array.from({ length: Math.min(shown, player.environment.itemCount) }, (_, i) => i)
    this.tell({ gaze: gazeOf(await player.play(items), this.epoch), kept })
  }
}

/** The greedy counts of a split, with the parameters as they are. */
async function evaluate(
  { config, plan, pool }: Parts,
  split: 'validation' | 'test',
  progress: number,
): Promise<EvaluationCounts> {
  const { std } = plan.algorithm.scalars(progress)
  const { evaluationItems: items, averaging } = config.training
  const averaged = averaging > 0
  return mergeCounts(await pool.call('evaluate', { split, greedy: true, rollouts: 1, std, items, averaged }))
}

/** The parameters of an agent file for this plan. @throws UserError where they are another agent's. */
function parametersOf(file: Uint8Array | undefined, { agent }: Plan): Float32Array | undefined {
  if (!file) return undefined
  const { card, layout, parameters } = decodeAgentFile(file, 'this file')
  if (JSON.stringify(layout) !== JSON.stringify(agent.layout))
    throw new UserError(
      `this file's agent (${card.agent.name} of ${bareId(card.environment.id)}) has another shape than that of these options; load it with its own`,
    )
  return parameters
}
