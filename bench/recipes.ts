// `npm run bench -- --recipes`: the model of every headline row against the machine's limit, several rounds in turn.

import { availableParallelism } from 'node:os'
import { completeConfig, type PartialConfig } from '../src/runs/config.ts'
import { createPlan } from '../src/training/plan.ts'
import { type Asked, recipeNames } from './arguments.ts'
import { clothesOrDigits } from './data.ts'
import { flopsPerEpisode } from './flops.ts'
import { medianOf } from './numbers.ts'
import { rawRate } from './rate.ts'
import { takeMeasure } from './take.ts'

/** What is measured. */
const recipes: Readonly<Record<(typeof recipeNames)[number], PartialConfig>> = {
  mnist: {},
  translated: { environment: { id: 'TranslatedMNIST' } },
  cluttered: { environment: { id: 'ClutteredMNIST' } },
  cluttered100: { environment: { id: 'ClutteredMNIST', canvasSide: 100, clutter: 8, scales: 4 } },
  fashion: { environment: { id: 'FashionMNIST', ...clothesOrDigits() } },
  catch: { environment: { id: 'Catch' } },
  'circle-square': { environment: { id: 'CircleSquare' } },
  attention: { environment: { glimpses: 16 }, agent: { core: 'attention' } },
}

type Taken = { readonly rates: number[]; megabytes: number }

/** Measure, and print Markdown. */
export async function benchRecipes({ quick, only }: Asked): Promise<void> {
  const names = recipeNames.filter((name) => only.length === 0 || only.includes(name))
  const [rounds, seconds] = quick ? [1, 1] : [5, 3]
  const team = availableParallelism()
  const teams = team > 1 ? [1, team] : [1]
  const taken = new Map<string, Taken>()
  const machine = { 1: [] as number[], [team]: [] as number[] }
  for (let round = 0; round < rounds; round++)
    for (const workers of teams) {
      machine[workers]!.push(await rawRate(workers, quick ? 300 : 700))
      for (const name of names) {
        const config = recipes[name]
        const { batchSize } = completeConfig(config).training
        const { measured, error } = await takeMeasure({
          config,
          engine: 'onnx',
          workers,
          what: 'train',
          seconds,
          items: 8 * batchSize,
        })
        if (!measured) {
          console.log(`${name}: not measured: ${error}`)
          continue
        }
        const key = `${name} ${workers}`
        const known = taken.get(key) ?? { rates: [], megabytes: 0 }
        known.rates.push(measured.imagesPerSecond)
        taken.set(key, { ...known, megabytes: Math.max(known.megabytes, measured.megabytes) })
      }
    }
  const row = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`)
  const rates = teams.map((workers) => `${medianOf(machine[workers]!).toFixed(0)} GFLOP/s on ${workers}`)
  console.log(
    `Medians of ${rounds} rounds in turn, their range in brackets. An item is an image with all its rollouts. The limit is the time of its matrix products, forward and backward, at the rate of plain ones: ${rates.join(', ')}.\n`,
  )
  row(['recipe', 'workers', 'MFLOP an item', 'items/s', 'times the limit', 'peak memory, MB'])
  row(['---', '---', '---', '---', '---', '---'])
  for (const name of names)
    for (const workers of teams) {
      const { rates, megabytes } = taken.get(`${name} ${workers}`) ?? { rates: [], megabytes: 0 }
      if (rates.length === 0) continue
      const plan = createPlan(completeConfig(recipes[name]))
      const flops = flopsPerEpisode(plan) * plan.rollouts
      const limit = (medianOf(machine[workers]!) * 1e9) / flops
      const [median, low, high] = [medianOf(rates), Math.min(...rates), Math.max(...rates)]
      const whole = (value: number): string => Math.round(value).toLocaleString('en')
      row([
        ...[name, String(workers), (flops / 1e6).toFixed(2), `${whole(median)} (${whole(low)} to ${whole(high)})`],
        ...[
          `${(limit / median).toFixed(2)} (${(limit / high).toFixed(2)} to ${(limit / low).toFixed(2)})`,
          whole(megabytes),
        ],
      ])
    }
  console.log('\nWhere the time of an iteration goes, one worker, percent:\n')
  const parts = ['world and sampling', 'act (forward)', 'learn (loss, gradients)', 'step (clip, optimiser)', 'rest']
  row(['recipe', ...parts])
  row(['---', ...parts.map(() => '---')])
  for (const name of names) {
    const { measured, error } = await takeMeasure({
      config: recipes[name],
      engine: 'onnx',
      workers: 1,
      what: 'stages',
      seconds,
      items: 12_800,
    })
    if (!measured?.stages) {
      console.log(`${name}: not measured: ${error}`)
      continue
    }
    const all = Object.values(measured.stages).reduce((sum, value) => sum + value, 0)
    const known = parts.slice(0, -1).map((part) => measured.stages![part] ?? 0)
    const rest = all - known.reduce((sum, value) => sum + value, 0)
    row([name, ...[...known, rest].map((value) => ((100 * value) / all).toFixed(0))])
  }
}
