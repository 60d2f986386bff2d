// `evaluate`: the errors of a trained run, greedy, sampled and averaged, always apart. Writes nothing unless told to.

import { join } from 'node:path'
import { Command } from 'commander'
import '../../src/catalogue.ts'
import type { Split } from '../../src/env/registry.ts'
import { evaluateRun } from '../../src/inference/evaluate-run.ts'
import { type CheckpointKind, loadCheckpoint } from '../../src/runs/checkpoint.ts'
import { completeConfig } from '../../src/runs/config.ts'
import { writeWhole } from '../../src/runs/files.ts'
import { importNamed } from '../../src/runs/imports.ts'
import { RunDirectory } from '../../src/runs/run-directory.ts'
import { createPlan } from '../../src/training/plan.ts'
import { atLeast, oneOf, text } from './flags.ts'
import type { Io } from './run.ts'

type Flags = {
  readonly checkpoint: CheckpointKind
  readonly split: Split
  readonly rollouts?: number
  readonly engine: string
  readonly workers: number
  readonly out?: string
  readonly json?: boolean
}

export function evaluateCommand(_args: readonly string[], io: Io): Command {
  return new Command('evaluate')
    .description('Print the errors of a trained run: greedy, sampled, and averaged over several rollouts of an image.')
    .argument('<dir>', 'the run directory', text)
    .option('--checkpoint <kind>', 'which parameters: best or last', oneOf(['best', 'last']), 'best')
    .option('--split <name>', 'which images: test, validation or train', oneOf(['test', 'validation', 'train']), 'test')
    .option('--rollouts <count>', 'rollouts whose probabilities are averaged (default: as in training)', atLeast(1))
    .option('--engine <name>', 'what computes: auto, onnx, tensorflow, wasm, cpu ...', text, 'auto')
    .option('--workers <count>', 'threads; 0 for as many as there are cores', atLeast(0), 0)
    .option('--out <file>', 'write the result to this file, as JSON', text)
    .option('--json', 'print one JSON object')
    .option('--debug', 'show stack traces')
    .action((directory: string, flags: Flags) => evaluateCheckpoint(directory, flags, io))
}

async function evaluateCheckpoint(path: string, flags: Flags, io: Io): Promise<void> {
  const run = RunDirectory.open(path)
  await importNamed(run.config.imports, path)
  const config = completeConfig(run.config)
  const { agent } = createPlan(config)
  const found = loadCheckpoint(path, flags.checkpoint, agent.layout)
  const { checkpoint, split, engine, workers } = flags
  const rollouts = flags.rollouts ?? config.training.evaluationRollouts
  // as the test at the end of the training did: with the schedules where that ended
  const progress = Math.min(1, Math.max(found.epoch, run.epochs().at(-1)?.epoch ?? 0) / config.training.epochs)
  const outcome = await evaluateRun(config, found, { split, rollouts, progress, engine, workers })
  const { epoch } = found
  const { errors } = outcome
  const result = { directory: path, checkpoint, epoch, split, rollouts, ...outcome }
  if (flags.out !== undefined) writeWhole(flags.out, `${JSON.stringify(result, undefined, 2)}\n`)
  if (flags.json) io.out.write(`${JSON.stringify(result)}\n`)
  else {
    const percent = (value: number): string => `${value.toFixed(2)} %`
    io.out.write(
      `${join(path, 'checkpoints', checkpoint)}, after epoch ${epoch}, on the ${outcome.items.toLocaleString('en')} images of ${split}; engine ${outcome.engine}, ${outcome.seconds.toFixed(1)} s\n`,
    )
    io.out.write(
      `error: greedy ${percent(errors.greedy)}, sampled ${percent(errors.sampled)}, averaged over ${rollouts} ${percent(errors.averaged)}\n`,
    )
    if (outcome.glimpses !== undefined) io.out.write(`glimpses: ${outcome.glimpses.toFixed(2)} an image, greedy\n`)
  }
}
