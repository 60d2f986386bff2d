// `export`: a trained policy as an .onnx file that runs anywhere, or as an agent file that `loadAgent` and `evaluate` read.

import { join } from 'node:path'
import { Command } from 'commander'
import '../../src/catalogue.ts'
import { encodeAgentFile } from '../../src/inference/agent-file.ts'
import { exportPolicy } from '../../src/inference/export.ts'
import { agentFileName, findAgent } from '../../src/inference/find-agent.ts'
import { openTrained, readAgent } from '../../src/inference/load.ts'
import type { CheckpointKind } from '../../src/runs/checkpoint.ts'
import { writeWhole } from '../../src/runs/files.ts'
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
    .argument('<path>', 'the run directory, an agent file, or zoo:NAME', text)
    .option('--checkpoint <kind>', 'which parameters: best or last', oneOf(['best', 'last']), 'best')
    .option('--batch <count>', 'episodes that the file steps at once', atLeast(1), 1)
    .option('--agent', 'write an agent file instead: for loadAgent, in Node and in browsers, and for evaluate')
    .option(
      '--out <file>',
      'the file to write (default: policy.onnx or agent.safetensors in the run directory; of the zoo, in runs/zoo/NAME)',
      text,
    )
    .option('--debug', 'show stack traces')
    .action(async (given: string, flags: Flags) => {
      const { bytes, epoch } = await (flags.agent ? agentFile : onnxFile)(given, flags)
      const { out = join(findAgent(given).home, flags.agent ? agentFileName : 'policy.onnx') } = flags
      writeWhole(out, bytes)
      io.out.write(`${out}: ${bytes.length.toLocaleString('en')} bytes, parameters of epoch ${epoch}\n`)
    })
}

/** The bytes of a file, and the epochs behind its parameters. */
type Exported = { readonly bytes: Uint8Array; readonly epoch: number }

async function agentFile(given: string, { checkpoint }: Flags): Promise<Exported> {
  const file = await readAgent(given, checkpoint)
  return { bytes: encodeAgentFile(file), epoch: file.card.epoch }
}

async function onnxFile(given: string, { checkpoint, batch }: Flags): Promise<Exported> {
  const { config, plan, parameters, epoch } = await openTrained(given, { checkpoint })
  return { bytes: exportPolicy(config, plan, parameters, batch), epoch }
}
