// `watch`: how a trained agent looks at things, as an animation, a strip for print, and a map of where it looks.

import { Command, InvalidArgumentError } from 'commander'
import '../../src/catalogue.ts'
import type { CheckpointKind } from '../../src/runs/checkpoint.ts'
import { atLeast, number, oneOf, text } from './flags.ts'
import { tellTo } from './report.ts'
import type { Io } from './run.ts'

type Flags = {
  readonly checkpoint: CheckpointKind
  readonly items: readonly number[]
  readonly sampled?: boolean
  readonly heatItems: number
  readonly scale: number
  readonly engine: string
  readonly out?: string
}

export function watchCommand(_args: readonly string[], io: Io): Command {
  return new Command('watch')
    .description(
      'Draw how a trained agent looks at test images: an animation, a strip for print, a map of where it looks.',
    )
    .argument('<path>', 'the run directory, an agent file, or zoo:NAME', text)
    .option('--items <list>', 'which test items, such as 0,1,7 or 0-5', list, [0, 1, 2, 3, 4, 5])
    .option('--sampled', 'draw the locations instead of taking their means')
    .option('--heat-items <count>', 'how many test items the map is made of', atLeast(1), 2000)
    .option('--scale <factor>', 'enlarges or shrinks the animation', factor, 1)
    .option('--checkpoint <kind>', 'which parameters: best or last', oneOf(['best', 'last']), 'best')
    .option('--engine <name>', 'what computes: auto, onnx, tensorflow, wasm, cpu ...', text, 'auto')
    .option('--out <dir>', 'where to draw (default: pictures/ of the run; of the zoo, in runs/zoo/NAME)', text)
    .option('--debug', 'show stack traces')
    .action(async (given: string, { sampled, ...flags }: Flags) => {
      const { drawGaze } = await import('../../src/report/pictures.ts')
      await drawGaze(given, { ...flags, greedy: !sampled }, tellTo(io))
    })
}

function factor(value: string): number {
  const scale = number(value)
  if (scale < 0.1 || scale > 10) throw new InvalidArgumentError('expected a number from 0.1 to 10.')
  return scale
}

/** `0,3-5` as [0, 3, 4, 5]. */
export function list(value: string): number[] {
  const items = value.split(',').flatMap((part) => {
    const [, from, to = from] = /^\s*(\d+)(?:\s*-\s*(\d+))?\s*$/.exec(part) ?? []
    const [first, last] = [Number(from), Number(to)]
    if (from === undefined || last < first || last - first > 1000) return [Number.NaN]
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
  if (items.some(Number.isNaN)) throw new InvalidArgumentError('expected items such as 0,1,7 or 0-5.')
  return items
}
