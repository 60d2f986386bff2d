// `npm run bench -- --gpu`: finds the engines of a GPU that start here, and measures them beside `onnx` on the CPU:
// whether they agree, how long an epoch takes, and where the time of a step goes. It needs Node and this package's files
// alone, and is done in five minutes.

import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'
import type { PartialConfig } from '../src/runs/config.ts'
import { type Asked, gpuEngines } from './arguments.ts'
import { clothesOrDigits, digits } from './data.ts'
import type { Measure } from './measure.ts'
import { findPython, runPeer } from './peer.ts'
import { head, row } from './table.ts'
import { takeMeasure } from './take.ts'

const cores = availableParallelism()
const epochImages = 54_000

/** Stated, not asserted: what an engine that computes the same may differ by in float32. */
const tolerance = { loss: 1e-5, gradient: 1e-4 }

/** Images a timed epoch has, by batch: a few steps of the large one, more of the small. */
const batches: readonly { readonly batchSize: number; readonly steps: number }[] = [
  { batchSize: 128, steps: 32 },
  { batchSize: 1024, steps: 8 },
  { batchSize: 8192, steps: 2 },
]

type Recipe = { readonly name: string; readonly config: PartialConfig }

const recipes: readonly Recipe[] = [
  { name: 'MNIST', config: {} },
  { name: 'ClutteredMNIST 60x60', config: { environment: { id: 'ClutteredMNIST' } } },
  {
    name: 'FashionMNIST, convolutions',
    config: { environment: { id: 'FashionMNIST', ...clothesOrDigits() } },
  },
]

/** What the peer in PyTorch does: digits as they are. */
const undistorted: Recipe = { name: 'MNIST, undistorted', config: { environment: { distortion: 0 } } }

/** Measure, and print Markdown. */
export async function benchGpu({ quick, only }: Asked): Promise<void> {
  const began = performance.now()
  const seconds = quick ? 0.3 : 1
  const say = (line = ''): void => console.log(line)
  const take = (given: Partial<Measure> & { readonly engine: string }) =>
    takeMeasure({ ...{ config: {}, workers: 0, what: 'train', seconds, items: 1024 }, ...given }, 90_000)

  say('# Engines of a GPU')
  say()
  say(
    `${new Date().toISOString().slice(0, 10)}, commit ${commit()}, Node ${process.version}, ${cores} cores of ${cpus()[0]?.model.trim()}; GPU: ${graphics()}.`,
  )
  say()

  // ---- what there is, and whether it agrees
  say('## What starts, and how far it is from `onnx`')
  say()
  say(
    `From the same parameters on the same batch of 128. Loss: difference after one step, and after six. Gradient: norm of the difference as a part of the norm. Meant to be below ${tolerance.loss} and ${tolerance.gradient}.`,
  )
  say()
  head(['engine', 'recipe', 'loss', 'gradient', 'loss after 6 steps', 'agrees'])
  const started: { readonly name: string; readonly description: string }[] = []
  const missing: string[] = []
  const died = new Map<string, string>()
  for (const engine of gpuEngines.filter((name) => only.length === 0 || only.includes(name))) {
    for (const { name, config } of recipes) {
      const { measured, error } = await take({ what: 'agree', engine, config })
      if (measured && error) died.set(engine, error)
      if (!measured?.agreement) {
        if (!missing.some((line) => line.startsWith(`- ${engine}:`))) missing.push(`- ${engine}: ${error}`)
        if (!started.some((one) => one.name === engine)) break
        continue
      }
      if (!started.some((one) => one.name === engine)) started.push({ name: engine, description: measured.description })
      if (engine === 'onnx') break // it is what the others are compared with
      const { loss, gradient, later } = measured.agreement
      const agrees = loss < tolerance.loss && gradient < tolerance.gradient
      row([engine, name, ...[loss, gradient, later].map((x) => x.toExponential(1)), agrees ? 'yes' : 'NO'])
    }
  }
  say()
  for (const { name, description } of started) {
    const death = died.get(name)
    say(`- ${name}: ${description}${death ? `; after its work the process ${death}` : ''}`)
  }
  for (const line of missing) say(line)
  say()

  // ---- seconds an epoch
  say('## Seconds an epoch of 54,000 images')
  say()
  say(
    `Extrapolated: the best of several runs of ${batches.map(({ batchSize, steps }) => `${steps} steps at batch ${batchSize.toLocaleString('en')}`).join(', ')}, after a first one that compiles; ${seconds} s or more of them. In brackets: workers.`,
  )
  if (clothesOrDigits().data === digits)
    say('Fashion-MNIST is not on this machine: its recipe was run on MNIST, whose images are as large.')
  say()
  head([
    'recipe',
    'engine',
    ...batches.map(({ batchSize }) => `batch ${batchSize.toLocaleString('en')}`),
    'peak memory, MB',
  ])
  const torch = pytorch(batches.map(({ batchSize }) => batchSize))
  for (const { name, config } of [...recipes, ...(torch ? [undistorted] : [])])
    for (const { name: engine } of started) {
      let most = 0
      const cells: string[] = []
      for (const { batchSize, steps } of batches) {
        const given = { ...config, training: { batchSize } }
        const { measured, error } = await take({ engine, config: given, items: batchSize * steps })
        if (!measured) say(`<!-- ${engine}, ${name}, batch ${batchSize}: ${error} -->`)
        const workers = /, (\d+) workers/.exec(measured?.description ?? '')?.[1]
        cells.push(measured ? `${(epochImages / measured.imagesPerSecond).toFixed(2)} (${workers})` : '-')
        most = Math.max(most, measured?.megabytes ?? 0)
      }
      row([name, engine, ...cells, String(most)])
    }
  if (torch)
    row([
      undistorted.name,
      `${torch.name}, one thread`,
      ...torch.seconds.map((x) => x.toFixed(2)),
      String(torch.megabytes),
    ])
  say()

  // ---- where the time goes
  say('## Where the time of a step goes (batch 8,192, one worker), ms')
  say()
  const staged = new Map<string, Readonly<Record<string, number>>>()
  for (const { name: engine } of started)
    for (const { name, config } of [recipes[0]!, recipes[2]!]) {
      if (engine === 'onnx' && name !== 'MNIST') continue // half a minute a step
      const given = { ...config, training: { batchSize: 8192 } }
      const { measured } = await take({ what: 'stages', engine, config: given, items: 8192 * 4 })
      if (measured?.stages) staged.set(`${engine}, ${name}`, measured.stages)
    }
  const stages = [...new Set([...staged.values()].flatMap((one) => Object.keys(one)))]
  head(['stage', ...staged.keys()])
  for (const stage of stages) row([stage, ...[...staged.values()].map((one) => one[stage]?.toFixed(1) ?? '-')])
  say()
  say(`All of it took ${Math.round((performance.now() - began) / 1000)} s.`)
}

type Peer = { readonly name: string; readonly seconds: readonly number[]; readonly megabytes: number }

/** The peer in PyTorch on the GPU, images and all, where there is a python3 that has it: seconds an epoch by batch. */
function pytorch(sizes: readonly number[]): Peer | undefined {
  const python = findPython('import torch; torch.cuda.get_device_name()')
  if (!python) return undefined
  const results = sizes.flatMap((batch) => {
    const { measured } = runPeer(python, { data: digits, device: 'cuda', batch, epochs: 2 })
    return measured ?? []
  })
  if (results.length < sizes.length) return undefined
  return {
    name: `PyTorch ${results[0]!.torch} on the GPU`,
    seconds: results.map(({ imagesPerSecond }) => epochImages / imagesPerSecond),
    megabytes: Math.max(...results.map(({ rssMB }) => rssMB)),
  }
}

/** The graphics card and its driver, if its vendor's tool says so. */
function graphics(): string {
  return tell('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader']) ?? 'no nvidia-smi'
}

const commit = (): string => tell('git', ['rev-parse', '--short=8', 'HEAD']) ?? process.env.SACCADE_COMMIT ?? 'unknown'

function tell(command: string, words: readonly string[]): string | undefined {
  try {
    return execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .trim()
      .replaceAll('\n', '; ')
  } catch {
    return undefined
  }
}
