// The process of one segment: an ordinary training in an ordinary run directory, which rests after the segment's last epoch.

import '../catalogue.ts'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../core/errors.ts'
import { reportTensorBoard } from '../report/tensorboard.ts'
import { hasCheckpoint, loadCheckpoint } from '../runs/checkpoint.ts'
import { isDiskBroken } from '../runs/files.ts'
import { importModules, placeInModules } from '../runs/imports.ts'
import { RunDirectory } from '../runs/run-directory.ts'
import { Trainer } from '../training/trainer.ts'
import type { Answer, Order } from './child.ts'
import type { EpochResult, Outcome, Segment } from './segment.ts'

let rest: () => void = () => process.exit(0)

process.on('message', (order: Order) => {
  if (order === 'rest') return rest()
  // the order outlives who gave it
  if (process.ppid !== order.parent) process.exit(1)
  void answer(order.segment, order.directory)
})
// Ctrl-C is for the parent, which then says when to rest; without a parent there is nobody to train for
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit(1))
if (!process.connected) process.exit(1)

async function answer(segment: Segment, directory: string): Promise<void> {
  const outcome = await train(segment, directory).catch((error: unknown): Outcome => {
    console.error(error)
    const { message } = error instanceof Error ? error : new Error(String(error))
    const line = message.replace(/\s*\n\s*/g, '; ').slice(0, 500)
    if (error instanceof UserError) return { status: isDiskBroken(error) ? 'halted' : 'failed', error: line }
    const place = placeInModules(error as Error)
    return { status: 'failed', error: `${place ? `${place}: ` : ''}${line} (see ${directory}.log)` }
  })
  process.send?.({ outcome } satisfies Answer, () => process.exit(0))
}

async function train({ config, toEpoch }: Segment, path: string): Promise<Outcome> {
  await importModules(config.imports)
  const directory = existsSync(join(path, 'config.json'))
    ? RunDirectory.resume(path)
    : RunDirectory.create(config, path)
  try {
    const before = arrived(directory, toEpoch, config.training.epochs)
    if (before) return before
    const trainer = await Trainer.create(config, { directory })
    const board = reportTensorBoard(trainer, directory.path, { pictures: false })
    rest = () => trainer.stop()
    trainer.on('epoch', ({ epoch, epochs, validation }) => {
      if (validation) process.send?.({ told: { epoch, validation } } satisfies Answer)
      if (epoch >= toEpoch && epoch < epochs) trainer.stop()
    })
    try {
      await trainer.train()
      await board.close()
    } finally {
      await trainer.dispose()
    }
    return arrived(directory, toEpoch, config.training.epochs) ?? { status: 'stopped' }
  } finally {
    directory.close()
  }
}

/** The outcome of a segment that is done, by this process or by one before it. */
function arrived(directory: RunDirectory, toEpoch: number, epochs: number): Outcome | undefined {
  const summary = directory.summary()
  const last = hasCheckpoint(directory.path, 'last') ? loadCheckpoint(directory.path, 'last') : undefined
  const epoch = summary?.epochs ?? last?.epoch ?? 0
  // whoever comes to the end of the budget also has a summary to write
  if (!summary && (epoch < toEpoch || toEpoch >= epochs)) return undefined
  return { status: 'reached', epoch, finished: summary !== undefined, results: resultsOf(directory, epoch) }
}

const resultsOf = (directory: RunDirectory, to: number): EpochResult[] =>
  directory.epochs().flatMap(({ epoch, validation }) => (validation && epoch <= to ? [{ epoch, validation }] : []))
