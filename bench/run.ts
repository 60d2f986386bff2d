// `npm run bench`: how fast, against the machine's limit and against peers, all in one run; printed, and written to
// bench/RESULTS.md. `--quick` measures less of each; `--gpu` measures the engines of a GPU instead (gpu.ts). Nothing here is
// asserted anywhere.

import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Retina, Rng } from '../src/index.ts'
import { completeConfig } from '../src/runs/config.ts'
import { createPlan } from '../src/training/plan.ts'
import { help, parseArguments } from './arguments.ts'
import { digits } from './data.ts'
import { flopsPerEpisode } from './flops.ts'
import type { Measure, Measured } from './measure.ts'
import { findPython, noTorch, runPeer } from './peer.ts'
import { rawRate } from './rate.ts'
import { takeMeasure } from './take.ts'

const asked = parseArguments(process.argv.slice(2))
if (asked.help || asked.error) {
  console.log(asked.error ? `${asked.error}\n\n${help}` : help)
  process.exit(asked.error ? 2 : 0)
}
if (asked.gpu) {
  const { benchGpu } = await import('./gpu.ts')
  await benchGpu(asked)
  process.exit(0)
}
if (asked.recipes) {
  const { benchRecipes } = await import('./recipes.ts')
  await benchRecipes(asked)
  process.exit(0)
}
if (asked.canvases) {
  const { benchCanvases } = await import('./canvases.ts')
  await benchCanvases(asked)
  process.exit(0)
}

const here = dirname(fileURLToPath(import.meta.url))
const { quick } = asked
const seconds = quick ? 3 : 12
const cores = availableParallelism()
const epochImages = 54_000
const lines: string[] = []

const say = (line = ''): void => {
  console.log(line)
  lines.push(line)
}

/** Run measure.ts in a process of its own; undefined, and a line, where it fails. */
async function take(given: Partial<Measure>): Promise<Measured | undefined> {
  // digits as they are: what a distortion costs is no part of the model, and the peers have none
  const config = { ...given.config, environment: { distortion: 0, ...given.config?.environment } }
  const measure: Measure = {
    ...{ engine: 'onnx', workers: 1, what: 'train', seconds, items: 12_800 },
    ...given,
    config,
  }
  const { measured, error } = await takeMeasure(measure)
  if (!measured) console.log(`  ${measure.engine}: not measured: ${error}`)
  return measured
}

/** Floating-point operations of an epoch of the default model. */
const epochFlops = (): number => epochImages * flopsPerEpisode(createPlan(completeConfig({})))

type Row = { readonly name: string; readonly imagesPerSecond: number; readonly megabytes: number | undefined }

/** The vectorised PyTorch of bench/peers, with one and with two threads. */
function pytorch(): Row[] {
  const python = findPython()
  if (!python) {
    console.log(`  ${noTorch}`)
    return []
  }
  return [1, 2].flatMap((threads) => {
    const { measured, error } = runPeer(python, { data: digits, threads, epochs: 3 })
    if (!measured) {
      console.log(`  PyTorch: not measured: ${error}`)
      return []
    }
    const { torch, imagesPerSecond, rssMB } = measured
    const name = `PyTorch ${torch}, vectorised, ${threads} thread${threads > 1 ? 's' : ''}`
    return [{ name, imagesPerSecond, megabytes: rssMB }]
  })
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  for (const line of [head, head.map(() => '---'), ...rows]) say(`| ${line.join(' | ')} |`)
  say()
}

const whole = (value: number): string => Math.round(value).toLocaleString('en')
const commit = (): string => {
  try {
    return execFileSync('git', ['rev-parse', '--short=8', 'HEAD'], { encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}

say('# Bench')
say()
say(
  `\`npm run bench${quick ? ' -- --quick' : ''}\` on ${new Date().toISOString().slice(0, 10)}, commit ${commit()}, Node ${process.version}, ${cores} cores of ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB. One run, one thing at a time. Each engine is warmed up, then its best epoch of ${seconds} seconds or more counts.`,
)
say()

// ---- the default model, by engine and peer
const flops = epochFlops()
const raw = await rawRate(cores, quick ? 700 : 1500)
const limit = flops / raw / 1e9
say('## The default model: an epoch of 54,000 images, 6 glimpses 8x8, batch 128')
say()
say(
  `The limit: ${(flops / 1e12).toFixed(3)} TFLOP an epoch (its matrix products, forward and backward) at ${raw.toFixed(0)} GFLOP/s, the rate of plain matrix products on ${cores} cores at once: **${limit.toFixed(2)} s**.`,
)
say()
const engineRows: Row[] = []
for (const { name, ...given } of [
  { name: `onnx, ${cores} workers`, engine: 'onnx', workers: cores, items: epochImages },
  { name: 'onnx, 1 worker', engine: 'onnx', workers: 1, items: 25_600 },
  { name: `wasm, ${cores} workers`, engine: 'wasm', workers: cores, items: 6400 },
  { name: 'wasm, 1 worker', engine: 'wasm', workers: 1, items: 3200 },
  { name: 'tensorflow (tfjs-node)', engine: 'tensorflow', workers: 1, items: 6400 },
  { name: 'tfjs wasm as it comes, 1 thread', engine: 'stock-wasm', what: 'stages' as const, items: 3200 },
  { name: 'tfjs cpu (plain JavaScript)', engine: 'cpu', what: 'stages' as const, items: 1280 },
]) {
  const measured = await take(given)
  if (measured) engineRows.push({ name, imagesPerSecond: measured.imagesPerSecond, megabytes: measured.megabytes })
}
const rows = [...engineRows, ...pytorch()].sort((a, b) => b.imagesPerSecond - a.imagesPerSecond)
table(
  ['engine', 's an epoch', 'images/s', 'times the limit', 'peak memory, MB'],
  rows.map(({ name, imagesPerSecond, megabytes }) => [
    name,
    (epochImages / imagesPerSecond).toFixed(2),
    whole(imagesPerSecond),
    (epochImages / imagesPerSecond / limit).toFixed(2),
    megabytes === undefined ? '-' : whole(megabytes),
  ]),
)
const peer = rows.filter(({ name }) => name.startsWith('PyTorch'))[0]
const ours = rows.find(({ name }) => name === `onnx, ${cores} workers`)
if (peer && ours) {
  say(
    `The default engine is ${(ours.imagesPerSecond / peer.imagesPerSecond).toFixed(2)} times as fast as ${peer.name}, the better of one and two threads.`,
  )
  say()
}

// ---- where the time goes
const staged = await take({ what: 'stages', items: 12_800 })
if (staged?.stages) {
  say('## Where the time of an iteration goes (onnx, 1 worker, batch 128)')
  say()
  table(
    ['stage', 'ms'],
    Object.entries(staged.stages).map(([name, value]) => [name, value.toFixed(2)]),
  )
}

// ---- what looking costs
say('## What drawing costs the training (onnx, epochs of 12,800 images, each evaluated)')
say()
const drawn: string[][] = []
for (const [name, report] of [
  ['without', false],
  ['with TensorBoard events and a picture of the gaze after each best epoch', true],
] as const) {
  const measured = await take({ workers: cores, report })
  if (measured) drawn.push([name, whole(measured.imagesPerSecond)])
}
table(['drawing', 'images/s'], drawn)

// ---- scaling
say('## How it scales (onnx)')
say()
const scaling: [string, Partial<Measure>][] = [
  ...[32, 64, 256, 512].map((batchSize): [string, Partial<Measure>] => [
    `batch ${batchSize}`,
    { config: { training: { batchSize } } },
  ]),
  ...[1, 2].map((workers): [string, Partial<Measure>] => [`${workers} workers, batch 128`, { workers }]),
  ...[2, 4, 8].map((glimpses): [string, Partial<Measure>] => [
    `${glimpses} glimpses`,
    { config: { environment: { glimpses } } },
  ]),
  ...[1, 3].map((scales): [string, Partial<Measure>] => [
    `60x60, 8 glimpses 12x12, ${scales} scales, the recipe of ClutteredMNIST`,
    { config: { environment: { id: 'ClutteredMNIST', scales } } },
  ]),
]
const scaled: string[][] = []
for (const [name, given] of scaling) {
  const measured = await take({ items: 6400, seconds: seconds / 2, ...given })
  if (measured) scaled.push([name, whole(measured.imagesPerSecond), whole(measured.megabytes)])
}
table(['1 worker, batch 128, 6 glimpses but for', 'images/s', 'peak memory, MB'], scaled)

// ---- the retina
say('## A glimpse of a large image (12x12, 3 scales of factor 2)')
say()
const looks = glimpseCosts([28, 64, 256, 1024, 4096])
table(
  ['image side, px', 'one image, us a glimpse', 'times 28 px', '64 MB of images, us a glimpse', 'times 28 px'],
  looks.map(({ side, one, many }) => [
    String(side),
    one.toFixed(2),
    (one / looks[0]!.one).toFixed(2),
    many.toFixed(2),
    (many / looks[0]!.many).toFixed(2),
  ]),
)
say('One image: small ones stay in the cache. 64 MB of images: none does, whatever its side; every look at another.')
say()

/** Microseconds a look at random places, the images being shown already; the best of rounds in which the sides take turns. */
function glimpseCosts(sides: readonly number[]): { side: number; one: number; many: number }[] {
  const rng = Rng.of(1)
  const bytes = Uint8Array.from({ length: 4 * 4096 ** 2 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24)
  const batch = 128
  const measured = sides.map((side) => {
    const shape = { height: side, width: side, channels: 1, glimpseSide: 12, scales: 3, scaleFactor: 2 }
    const [one, many] = [new Retina(shape), new Retina(shape)]
    const count = Math.floor(bytes.length / side ** 2)
    one.show(bytes, [0])
    many.show(
      bytes,
      Float64Array.from({ length: count }, (_, n) => n * side ** 2),
    )
    const took = { one: Number.POSITIVE_INFINITY, many: Number.POSITIVE_INFINITY }
    return { side, count, retinas: { one, many }, took }
  })
  const out = new Float32Array(batch * measured[0]!.retinas.one.size)
  for (let round = 0; round < (quick ? 100 : 300); round++)
    for (const { count, retinas, took } of measured)
      for (const which of ['one', 'many'] as const) {
        const location = Float32Array.from({ length: 2 * batch }, () => rng.uniform(-0.8, 0.8))
        const scene = Int32Array.from({ length: batch }, () => (which === 'one' ? 0 : rng.integer(count)))
        const began = performance.now()
        retinas[which].look(scene, location, out)
        took[which] = Math.min(took[which], ((performance.now() - began) * 1000) / batch)
      }
  return measured.map(({ side, took }) => ({ side, ...took }))
}

// ---- inference
const inference = await take({ what: 'infer', items: 10_000, seconds: seconds / 2 })
if (inference) {
  say(`Greedy inference (onnx, 1 thread): ${whole(inference.imagesPerSecond)} images/s of 6 glimpses.`)
  say()
}
if (!quick || !existsSync(join(here, 'RESULTS.md')))
  writeFileSync(join(here, 'RESULTS.md'), `${lines.join('\n').trimEnd()}\n`)
