// Saccade and the peer in PyTorch doing the same recipe, in turn: part of `npm run bench -- --recipes`.

import { availableParallelism } from 'node:os'
import { completeConfig, type PartialConfig } from '../src/runs/config.ts'
import { clothesOrDigits, digits } from './data.ts'
import { findPython, hasCompiler, noTorch, peerRecipes, runPeer } from './peer.ts'
import { head, row, spread, whole } from './table.ts'
import { takeMeasure } from './take.ts'

type Name = (typeof peerRecipes)[number]

/** What one run came to, or why it came to nothing. */
type Outcome = { readonly rate: number; readonly megabytes: number; readonly by: string } | { readonly error: string }

/** One of those who train, and what it reached, by round; nothing where it failed. */
type Runner = {
  readonly name: string
  readonly ours: boolean
  /** Train for so many seconds. */
  readonly train: (seconds: number) => Promise<Outcome>
  readonly rates: (number | undefined)[]
  megabytes: number
  /** What it ran on; or, where it failed, why. */
  by: string
}

/** Those who train one recipe. */
export type Race = { readonly name: Name; readonly runners: readonly Runner[] }

/** The recipes among `names` that the peer knows, each with all who train it; none, and a line, where there is no PyTorch. */
export function racesOf(recipes: Readonly<Record<Name, PartialConfig>>, names: readonly string[]): Race[] {
  const known = peerRecipes.filter((name) => names.includes(name))
  const python = known.length > 0 ? findPython() : undefined
  if (!python) {
    if (known.length > 0) console.log(`${noTorch}\n`)
    return []
  }
  const compiles = hasCompiler()
  if (!compiles) console.log('torch.compile: not tried: no C++ compiler; install g++, or set CXX to one\n')
  return known.map((name) => ({
    name,
    runners: [...ours(undistorted(recipes[name])), ...peers(python, name, compiles ? [false, true] : [false])],
  }))
}

/** The peer draws no distortions, so that in its company Saccade draws none either. */
export const undistorted = (config: PartialConfig): PartialConfig => ({
  ...config,
  environment: { ...config.environment, distortion: 0, mirror: false },
})

const cores = availableParallelism()
/** Batches that an epoch has; after a first one, which warms up, the fastest counts. */
const epochBatches = 8

const runner = (name: string, isOurs: boolean, train: Runner['train']): Runner => ({
  ...{ name, ours: isOurs, train, rates: [], megabytes: 0, by: '' },
})

const plural = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`

const ours = (config: PartialConfig): Runner[] =>
  [...new Set([1, cores])].map((workers) =>
    runner(`Saccade, ${plural(workers, 'worker')}`, true, async (seconds) => {
      const items = epochBatches * completeConfig(config).training.batchSize
      const { measured, error } = await takeMeasure({ config, engine: 'onnx', workers, what: 'train', seconds, items })
      return measured ? { rate: measured.imagesPerSecond, megabytes: measured.megabytes, by: 'onnx' } : { error }
    }),
  )

const peers = (python: string, recipe: Name, compiling: readonly boolean[]): Runner[] =>
  compiling.flatMap((compile) =>
    [...new Set([1, 2, cores])].map((threads) =>
      runner(`PyTorch, ${plural(threads, 'thread')}${compile ? ', compiled' : ''}`, false, async (seconds) => {
        const data = recipe === 'fashion' ? clothesOrDigits().data : digits
        const batches = { 'warmup-batches': epochBatches, 'epoch-batches': epochBatches }
        const { measured, error } = runPeer(python, { recipe, data, threads, compile, seconds, ...batches })
        return measured
          ? { rate: measured.imagesPerSecond, megabytes: measured.rssMB, by: `PyTorch ${measured.torch}` }
          : { error }
      }),
    ),
  )

/** A round: all in turn; who has failed once is not asked again. */
export async function runRound({ runners }: Race, seconds: number): Promise<void> {
  for (const each of runners) {
    const outcome: Outcome = each.rates.includes(undefined) ? { error: each.by } : await each.train(seconds)
    each.rates.push('error' in outcome ? undefined : outcome.rate)
    if ('error' in outcome) each.by = outcome.error
    else Object.assign(each, { by: outcome.by, megabytes: Math.max(each.megabytes, outcome.megabytes) })
  }
}

/** The table, where there is anything to tell. */
export function tellRaces(races: readonly Race[]): void {
  if (races.length === 0) return
  const versions = new Set(races.flatMap(({ runners }) => runners.filter(completed).map(({ by }) => by)))
  console.log(
    `\nBeside PyTorch, the same model, batch and work, none with distortions (${[...versions].join(', ')}). Times: the items a second of a round over those of PyTorch's best in that round.\n`,
  )
  head(['recipe', 'who', 'items/s', "times as fast as PyTorch's best", 'peak memory, MB'])
  for (const { name, runners } of races) for (const each of runners.filter(completed)) tell(name, each, runners)
  for (const { name, runners } of races)
    for (const each of runners) if (!completed(each)) console.log(`\n${name}: ${each.name}: not measured: ${each.by}`)
}

function tell(recipe: Name, { name, ours, rates, megabytes }: Runner, runners: readonly Runner[]): void {
  const times = timesBest(
    rates as number[],
    runners.filter((each) => !each.ours && completed(each)).map((peer) => peer.rates as number[]),
  )
  const cell = ours && times.length > 0 ? spread(times) : ''
  row([recipe, name, spread(rates as number[], whole), cell, whole(megabytes)])
}

const completed = ({ rates }: Runner): boolean => !rates.includes(undefined)

/** By round: a rate over the best of the others in the same round. */
export function timesBest(rates: readonly number[], others: readonly (readonly number[])[]): number[] {
  if (others.length === 0) return []
  return rates.map((rate, round) => rate / Math.max(...others.map((each) => each[round]!)))
}
