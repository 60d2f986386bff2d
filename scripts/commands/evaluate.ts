// `evaluate`: the errors of a run, of an agent file or of one of the zoo, greedy, sampled and averaged, always apart. Writes
// nothing unless told to.

import { join } from 'node:path'
import { Command } from 'commander'
import '../../src/catalogue.ts'
import type { Split } from '../../src/env/registry.ts'
import { evaluateTrained } from '../../src/inference/evaluate-trained.ts'
import { findAgent } from '../../src/inference/find-agent.ts'
import { openTrained } from '../../src/inference/load.ts'
import { formatMetric } from '../../src/report/metrics.ts'
import type { CheckpointKind } from '../../src/runs/checkpoint.ts'
import { writeWhole } from '../../src/runs/files.ts'
import { atLeast, collect, oneOf, text } from './flags.ts'
import type { Io } from './run.ts'

type Flags = {
  readonly checkpoint: CheckpointKind
  readonly split: Split
  readonly rollouts?: number
  readonly import?: string[]
  readonly data?: string
  readonly engine: string
  readonly workers: number
  readonly out?: string
  readonly json?: boolean
}

export function evaluateCommand(_args: readonly string[], io: Io): Command {
  return new Command('evaluate')
    .description('Print the errors of a trained run: greedy, sampled, and averaged over several rollouts of an image.')
    .argument('<path>', 'the run directory, an agent file, or zoo:NAME', text)
    .option('--checkpoint <kind>', 'which parameters of a run: best or last', oneOf(['best', 'last']), 'best')
    .option('--import <module>', 'with an agent file: a module that registers its world; repeatable', collect)
    .option('--data <dir>', "with an agent file: these images in place of its world's own", text)
    .option('--split <name>', 'which images: test, validation or train', oneOf(['test', 'validation', 'train']), 'test')
    .option('--rollouts <count>', 'rollouts whose probabilities are averaged (default: as in training)', atLeast(1))
    .option('--engine <name>', 'what computes: auto, onnx, tensorflow, wasm, cpu ...', text, 'auto')
    .option('--workers <count>', 'threads; 0 for as many as there are cores', atLeast(0), 0)
    .option('--out <file>', 'write the result to this file, as JSON', text)
    .option('--json', 'print one JSON object')
    .option('--debug', 'show stack traces')
    .action((path: string, flags: Flags) => evaluate(path, flags, io))
}

async function evaluate(path: string, flags: Flags, io: Io): Promise<void> {
  const { checkpoint, split, engine, workers, rollouts, data, import: imports = [] } = flags
  const trained = await openTrained(path, { checkpoint, imports, data })
  const outcome = await evaluateTrained(trained, { split, rollouts, engine, workers })
  const { epoch } = trained
  const { errors } = outcome
  const isRun = findAgent(path).kind === 'run'
  const result = { ...(isRun ? { directory: path, checkpoint } : { file: path }), epoch, split, ...outcome }
  if (flags.out !== undefined) writeWhole(flags.out, `${JSON.stringify(result, undefined, 2)}\n`)
  if (flags.json) io.out.write(`${JSON.stringify(result)}\n`)
  else {
    const { measure } = outcome
    const shown = (kind: keyof typeof errors): string => formatMetric(`testError.${kind}`, errors[kind], measure)
    const name = isRun ? join(path, 'checkpoints', checkpoint) : path
    io.out.write(
      `${name}, after epoch ${epoch}, on the ${outcome.items.toLocaleString('en')} images of ${split}; engine ${outcome.engine}, ${outcome.seconds.toFixed(1)} s\n`,
    )
    io.out.write(
      `${measure === 'failure' ? 'error' : measure}: greedy ${shown('greedy')}, sampled ${shown('sampled')}, averaged over ${outcome.rollouts} ${shown('averaged')}\n`,
    )
    if (outcome.glimpses !== undefined) io.out.write(`glimpses: ${outcome.glimpses.toFixed(2)} an image, greedy\n`)
  }
}
