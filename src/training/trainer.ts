// A training in Node: its workers, and the run directory that keeps what it leaves. The training itself is in training.ts.

import { UserError } from '../core/errors.ts'
import { type Layout, lengthOf } from '../core/tensors.ts'
import { hasCheckpoint, loadCheckpoint, saveCheckpoint } from '../runs/checkpoint.ts'
import type { RunConfig } from '../runs/config.ts'
import type { RunDirectory } from '../runs/run-directory.ts'
import { createPlan, firstVectors } from './plan.ts'
import { type Keeper, Training } from './training.ts'
import { assembleWorkers } from './worker-pool.ts'

/** @see Training */
export type Trainer = Training

/** Makes trainings: `await Trainer.create(config)`. */
export const Trainer = {
  /**
   * Get everything ready: world, agent, algorithm, engine, workers; and the last checkpoint, where the directory has one.
   * What `auto` and 0 stand for in the configuration is settled, and written down, so that the run can be repeated.
   * @param options `parameters`, float32 [lengthOf(layout)]: to start from, where there is no checkpoint; fresh ones by default
   * @throws UserError on whatever of these cannot be had.
   */
  async create(
    given: RunConfig,
    options: { directory?: RunDirectory; parameters?: Float32Array | undefined } = {},
  ): Promise<Trainer> {
    const { directory, parameters } = options
    const plan = createPlan(given)
    const { layout } = plan.agent
    const keeper = directory && keeperOf(directory, layout)
    const checkpoint = keeper?.has('last') ? keeper.load('last') : undefined
    if (parameters && parameters.length !== lengthOf(layout))
      throw new UserError(`parameters: ${parameters.length} given; this agent has ${lengthOf(layout)}`)
    if (given.from && !checkpoint && !parameters)
      throw new UserError(`from ${given.from.agent}: no parameters are given; only \`train\` starts from an agent`)
    const { pool, engine, warning } = await assembleWorkers(given, lengthOf(layout), given.training)
    const used = { engine: engine.name, workers: pool.size, shards: pool.shards }
    const { fingerprint } = plan.environment
    const config: RunConfig = {
      ...given,
      training: { ...given.training, ...used },
      ...(fingerprint !== undefined && { data: fingerprint }),
    }
    const lost = checkpoint?.best !== undefined && !keeper!.has('best')
    const warnings = [
      ...(warning ? [warning] : []),
      ...(checkpoint ? changedBits(checkpoint.config, config) : []),
      ...(lost
        ? [`checkpoints/best, of epoch ${checkpoint.best!.epoch}, is missing: what is best counts from here`]
        : []),
    ]
    const known = lost ? { ...checkpoint, best: undefined } : checkpoint
    const training = new Training({ config, keeper, plan, pool, engine, checkpoint: known, warnings })
    const start = checkpoint
      ? { vectors: { ...checkpoint.tensors }, steps: checkpoint.steps }
      : { vectors: firstVectors(config, plan, parameters), steps: 0 }
    await pool.call('write', start)
    directory?.writeConfig(config)
    return training
  },
}

/** A run directory as what keeps a training. */
function keeperOf(directory: RunDirectory, layout: Layout): Keeper {
  const { path } = directory
  return {
    path,
    rewind: (epoch) => directory.rewind(epoch),
    appendEpoch: (record) => directory.appendEpoch(record),
    epochs: () => directory.epochs(),
    writeSummary: (summary) => directory.writeSummary(summary),
    has: (kind) => hasCheckpoint(path, kind),
    save: (kind, checkpoint) => saveCheckpoint(path, kind, checkpoint),
    load: (kind) => loadCheckpoint(path, kind, layout),
  }
}

/** Why a run that goes on will not have the bits that it would have had, in words. */
function changedBits({ training: before }: RunConfig, { training: now }: RunConfig): string[] {
  const changed = (['engine', 'shards'] as const).filter((name) => before[name] !== now[name])
  return changed.map(
    (name) =>
      `${name} ${now[name]} instead of ${before[name]}: the run goes on, but its numbers differ in the last digits from those it would have had`,
  )
}
