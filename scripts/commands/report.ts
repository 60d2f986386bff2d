// `report`: what runs have become, as pictures: learning curves, error by glimpse, confusion, right and wrong answers.

import { Command } from 'commander'
import '../../src/catalogue.ts'
import type { CheckpointKind } from '../../src/runs/checkpoint.ts'
import { atLeast, oneOf, text } from './flags.ts'
import type { Io } from './run.ts'

type Flags = {
  readonly checkpoint: CheckpointKind
  readonly items?: number
  readonly engine: string
  readonly out?: string
}

export function reportCommand(_args: readonly string[], io: Io): Command {
  return new Command('report')
    .description(
      'Draw learning curves, errors and confusions of runs; runs that differ only in the seed are averaged, with their spread.',
    )
    .argument('<paths...>', 'run directories, or zoo:NAME')
    .option('--checkpoint <kind>', 'which parameters: best or last', oneOf(['best', 'last']), 'best')
    .option('--items <count>', 'how many test items to play (default all)', atLeast(1))
    .option('--engine <name>', 'what computes: auto, onnx, tensorflow, wasm, cpu ...', text, 'auto')
    .option('--out <dir>', 'where to draw what concerns all runs (default: pictures/ of the first)', text)
    .option('--debug', 'show stack traces')
    .action(async (directories: string[], flags: Flags) => {
      const { drawReport } = await import('../../src/report/pictures.ts')
      await drawReport(directories, flags, tellTo(io))
    })
}

/** Files by their paths, problems as warnings. */
export const tellTo = ({ out, error }: Io) => ({
  written: (path: string): void => void out.write(`${path}\n`),
  problem: (message: string): void => void error.write(`warning: ${message}\n`),
})
