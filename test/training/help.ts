// What the tests of training have in common: small configurations and a training run to its end.

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import '../../src/catalogue.ts'
import { loadCheckpoint } from '../../src/runs/checkpoint.ts'
import { completeConfig, type PartialConfig, type RunConfig } from '../../src/runs/config.ts'
import type { EpochRecord, Summary } from '../../src/runs/records.ts'
import type { RunDirectory } from '../../src/runs/run-directory.ts'
import { Trainer } from '../../src/training/trainer.ts'

/** A training of a few seconds: a small agent on 256 digits. */
export function smallConfig(given: PartialConfig = {}): RunConfig {
  return completeConfig({
    environment: given.environment?.id ? given.environment : { id: 'MNIST', glimpses: 3, ...given.environment },
    agent: { whatUnits: 16, whereUnits: 8, featureUnits: 16, hiddenUnits: 16, locatorUnits: 8, ...given.agent },
    algorithm: { name: 'reinforce', ...given.algorithm },
    training: {
      ...{
        epochs: 2,
        epochItems: 256,
        batchSize: 64,
        engine: 'wasm',
        workers: 1,
        evaluationRollouts: 1,
        evaluationItems: 200,
      },
      ...given.training,
    },
  })
}

/** A directory that nobody has. */
export const newDirectory = (): string => join(mkdtempSync(join(tmpdir(), 'saccade-')), 'run')

/** What a training came to. */
export type Outcome = {
  readonly records: EpochRecord[]
  readonly summary: Summary | undefined
  /** The last checkpoint's vectors, where there was a directory. */
  readonly vectors: Readonly<Record<string, Float32Array>>
}

/** Train; `watch` may listen to the trainer, and stop it. */
export async function trainOnce(
  config: RunConfig,
  directory?: RunDirectory,
  watch: (trainer: Trainer) => void = () => {},
): Promise<Outcome> {
  const trainer = await Trainer.create(config, directory && { directory })
  try {
    const records: EpochRecord[] = []
    trainer.on('epoch', (record) => records.push(record))
    watch(trainer)
    const summary = await trainer.train()
    return { records, summary, vectors: directory ? loadCheckpoint(directory.path, 'last').tensors : {} }
  } finally {
    await trainer.dispose()
    directory?.close()
  }
}

/** What of a record must be the same for the same seed: all but the clock's. */
export const timeless = ({ seconds: _, imagesPerSecond: __, ...rest }: EpochRecord): unknown => rest
