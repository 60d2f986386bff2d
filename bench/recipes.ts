// `npm run bench -- --recipes`: the model of every headline row against the machine's limit, several rounds in turn.

import { availableParallelism } from 'node:os'
import { completeConfig, type PartialConfig } from '../src/runs/config.ts'
import { createPlan } from '../src/training/plan.ts'
import { type Asked, recipeNames } from './arguments.ts'
import { clothesOrDigits } from './data.ts'
import { flopsPerEpisode } from './flops.ts'
import { medianOf } from './numbers.ts'
import { racesOf, runRound, tellRaces } from './race.ts'
import { rawRate } from './rate.ts'
import { head, row, spread, whole } from './table.ts'
import { takeMeasure } from './take.ts'

type Name = (typeof recipeNames)[number]

/** What is measured. */
export const recipes: Readonly<Record<Name, PartialConfig>> = {
  mnist: {},
  translated: { environment: { id: 'TranslatedMNIST' } },
  cluttered: { environment: { id: 'ClutteredMNIST' } },
  cluttered100: { environment: { id: 'ClutteredMNIST', canvasSide: 100, clutter: 8, scales: 4 } },
  fashion: { environment: { id: 'FashionMNIST', ...clothesOrDigits() } },
  catch: { environment: { id: 'Catch' } },
  'circle-square': { environment: { id: 'CircleSquare' } },
  attention: { environment: { glimpses: 16 }, agent: { core: 'attention' } },
}

/** What the rounds gave for one number of workers. */
type Team = {
  readonly workers: number
  /** GFLOP/s of plain matrix products, a round each. */
  readonly machine: number[]
  /** Items a second, a round each, and the largest resident memory, by recipe. */
  readonly taken: Map<Name, { readonly rates: number[]; megabytes: number }>
}

/** Measure, and print Markdown. */
export async function benchRecipes({ quick, only }: Asked): Promise<void> {
  const names = recipeNames.filter((name) => only.length === 0 || only.includes(name))
  const [rounds, seconds, rateMilliseconds] = quick ? [1, 1, 300] : [5, 3, 700]
  const teams = [...new Set([1, availableParallelism()])].map(
    (workers): Team => ({ workers, machine: [], taken: new Map() }),
  )
  const races = racesOf(recipes, names)
  for (let round = 0; round < rounds; round++) {
    for (const team of teams) {
      team.machine.push(await rawRate(team.workers, rateMilliseconds))
      for (const name of names) await takeRate(team, name, seconds)
    }
    for (const race of races) await runRound(race, seconds)
  }
  const machines = teams.map(({ workers, machine }) => `${medianOf(machine).toFixed(0)} GFLOP/s on ${workers}`)
  console.log(
    `Medians of ${rounds} rounds in turn, their range in brackets. An item is an image with all its rollouts. The limit is the time of its matrix products, forward and backward, at the rate of plain ones: ${machines.join(', ')}.\n`,
  )
  head(['recipe', 'workers', 'MFLOP an item', 'items/s', 'times the limit', 'peak memory, MB'])
  for (const name of names) tellRates(name, teams)
  console.log('\nWhere the time of an iteration goes, one worker, percent:\n')
  head(['recipe', ...stages, 'rest'])
  for (const name of names) await tellShares(name, seconds)
  tellRaces(races)
}

/** Train a recipe for some seconds, and note how quickly it went. */
async function takeRate({ workers, taken }: Team, name: Name, seconds: number): Promise<void> {
  const config = recipes[name]
  const items = 8 * completeConfig(config).training.batchSize
  const { measured, error } = await takeMeasure({ config, engine: 'onnx', workers, what: 'train', seconds, items })
  if (!measured) return console.log(`${name}: not measured: ${error}`)
  const { rates, megabytes } = taken.get(name) ?? { rates: [], megabytes: 0 }
  taken.set(name, {
    rates: [...rates, measured.imagesPerSecond],
    megabytes: Math.max(megabytes, measured.megabytes),
  })
}

/** A recipe's rows of the first table, one for each number of workers. */
function tellRates(name: Name, teams: readonly Team[]): void {
  const plan = createPlan(completeConfig(recipes[name]))
  const flops = flopsPerEpisode(plan) * plan.rollouts
  for (const { workers, machine, taken } of teams) {
    const found = taken.get(name)
    if (!found) continue
    const limit = (medianOf(machine) * 1e9) / flops
    row([
      ...[name, String(workers), (flops / 1e6).toFixed(2), spread(found.rates, whole)],
      ...[spread(found.rates.map((rate) => limit / rate)), whole(found.megabytes)],
    ])
  }
}

const stages = ['world and sampling', 'act (forward)', 'learn (loss, gradients)', 'step (clip, optimiser)']

/** A recipe's row of the second table. */
async function tellShares(name: Name, seconds: number): Promise<void> {
  const measure = { config: recipes[name], engine: 'onnx', workers: 1, what: 'stages', seconds, items: 12_800 } as const
  const { measured, error } = await takeMeasure(measure)
  const times = measured?.stages
  if (!times) return console.log(`${name}: not measured: ${error}`)
  const all = Object.values(times).reduce((sum, value) => sum + value, 0)
  const known = stages.map((stage) => times[stage] ?? 0)
  const rest = all - known.reduce((sum, value) => sum + value, 0)
  row([name, ...[...known, rest].map((value) => ((100 * value) / all).toFixed(0))])
}
