// `export`: a trained policy as an .onnx file that runs anywhere, or as an agent file that `loadAgent` and `evaluate` read.

import { join } from 'node:path'
import { Command } from 'commander'
import '../../src/catalogue.ts'
import { encodeAgentFile } from '../../src/inference/agent-file.ts'
import { exportPolicy } from '../../src/inference/export.ts'
import { readAgent } from '../../src/inference/load.ts'
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
  readonly batch: number
  readonly agent?: boolean
  readonly out?: string
}

export function exportCommand(_args: readonly string[], io: Io): Command {
  return new Command('export')
    .description(
      'Write the trained policy as .onnx: one step from glimpse, location and state to the next of each. Or, with --agent, as an agent file.',
    )
    .argument('<dir>', 'the run directory', text)
    .option('--checkpoint <kind>', 'which parameters: best or last', oneOf(['best', 'last']), 'best')
    .option('--batch <count>', 'episodes that the file steps at once', atLeast(1), 1)
    .option('--agent', 'write an agent file instead: for loadAgent, in Node and in browsers, and for evaluate')
    .option('--out <file>', 'the file to write (default: policy.onnx or agent.safetensors in the run directory)', text)
    .option('--debug', 'show stack traces')
    .action(async (directory: string, flags: Flags) => {
      const { bytes, epoch } = await (flags.agent ? agentFile : onnxFile)(directory, flags)
      const { out = join(directory, flags.agent ? 'agent.safetensors' : 'policy.onnx') } = flags
      writeWhole(out, bytes)
      io.out.write(`${out}: ${bytes.length.toLocaleString('en')} bytes, parameters of epoch ${epoch}\n`)
    })
}

/** The bytes of a file, and the epochs behind its parameters. */
type Exported = { readonly bytes: Uint8Array; readonly epoch: number }

async function agentFile(directory: string, { checkpoint }: Flags): Promise<Exported> {
  const file = await readAgent(directory, checkpoint)
  return { bytes: encodeAgentFile(file), epoch: file.card.epoch }
}

async function onnxFile(directory: string, { checkpoint, batch }: Flags): Promise<Exported> {
  const run = RunDirectory.open(directory)
  await importNamed(run.config.imports, directory)
  const config = completeConfig(run.config)
  const plan = createPlan(config)
  const { tensors, epoch } = loadCheckpoint(directory, checkpoint, plan.agent.layout)
  return { bytes: exportPolicy(config, plan, tensors.average ?? tensors.parameters!, batch), epoch }
}
