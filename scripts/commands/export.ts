// `export`: a trained policy as an .onnx file that runs anywhere.

import { join } from 'node:path'
import { Command } from 'commander'
import '../../src/catalogue.ts'
import { exportPolicy } from '../../src/inference/export.ts'
import { type CheckpointKind, loadCheckpoint } from '../../src/runs/checkpoint.ts'
import { completeConfig } from '../../src/runs/config.ts'
import { writeWhole } from '../../src/runs/files.ts'
import { importNamed } from '../../src/runs/imports.ts'
import { RunDirectory } from '../../src/runs/run-directory.ts'
import { createPlan } from '../../src/training/plan.ts'
import { atLeast, oneOf, text } from './flags.ts'
import type { Io } from './run.ts'

type Flags = { readonly checkpoint: CheckpointKind; readonly batch: number; readonly out?: string }

export function exportCommand(_args: readonly string[], io: Io): Command {
  return new Command('export')
    .description('Write the trained policy as .onnx: one step from glimpse, location and state to the next of each.')
    .argument('<dir>', 'the run directory', text)
    .option('--checkpoint <kind>', 'which parameters: best or last', oneOf(['best', 'last']), 'best')
    .option('--batch <count>', 'episodes that the file steps at once', atLeast(1), 1)
    .option('--out <file>', 'the file to write (default: policy.onnx in the run directory)', text)
    .option('--debug', 'show stack traces')
    .action(async (directory: string, { checkpoint, batch, out = join(directory, 'policy.onnx') }: Flags) => {
      const run = RunDirectory.open(directory)
      await importNamed(run.config.imports, directory)
      const config = completeConfig(run.config)
      const plan = createPlan(config)
      const { tensors, epoch } = loadCheckpoint(directory, checkpoint, plan.agent.layout)
      const bytes = exportPolicy(config, plan, tensors.average ?? tensors.parameters!, batch)
      writeWhole(out, bytes)
      io.out.write(`${out}: ${bytes.length.toLocaleString('en')} bytes, parameters of epoch ${epoch}\n`)
    })
}
