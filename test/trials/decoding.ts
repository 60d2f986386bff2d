// Are images read as Pillow reads them, and does damage never hang the decoder or fill the memory? Makes files of every kind
// with Pillow (`python3` has it, or PYTHON names one that does), compares every pixel, then damages the files at random:
// `node --import tsx test/trials/decoding.ts [damaged files] [seed]`. Not part of the tests: it needs Pillow.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Rng } from '../../src/core/rng.ts'
import { decodeImage } from '../../src/datasets/decode-image.ts'

const [count = '2000', seed = '0'] = process.argv.slice(2)
const background = 37
const target = { fit: 'pad', background } as const
/** Grey levels by which a pixel may differ: of decoders that round in another way. */
const near = 2
/** Milliseconds and bytes that a damaged file may take. */
const [longest, most] = [2000, 300e6]

const folder = mkdtempSync(join(tmpdir(), 'saccade-decoding-'))
const maker = fileURLToPath(new URL('pillow.py', import.meta.url))
execFileSync(process.env.PYTHON ?? 'python3', [maker, folder, String(background)], { stdio: 'inherit' })
const names = readdirSync(folder).filter((name) => !name.endsWith('.rgb'))

let faults = 0
const fault = (what: string): void => {
  faults++
  console.log(what)
}

let worst = 0
for (const name of names) {
  const expected = readFileSync(join(folder, `${name}.rgb`))
  const [width, height] = [expected.readUInt32LE(0), expected.readUInt32LE(4)]
  try {
    const image = await decodeImage(readFileSync(join(folder, name)), target)
    if (image.width !== width || image.height !== height)
      fault(`${name}: ${image.width}x${image.height}, expected ${width}x${height}`)
    const far = image.pixels.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[8 + i]!)), 0)
    worst = Math.max(worst, far)
    if (far > near) fault(`${name}: up to ${far} grey levels from what Pillow sees`)
  } catch (error) {
    fault(`${name}: ${(error as Error).message}`)
  }
}
console.log(`${names.length} files, at most ${worst} grey levels from what Pillow sees`)

const rng = Rng.of(Number(seed), 'decoding')

/** A copy with a few bytes changed, or cut short. */
function damage(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice(0, rng.uniform() < 0.3 ? 1 + rng.integer(bytes.length) : bytes.length)
  for (let n = rng.integer(8); n >= 0; n--)
    copy[rng.integer(rng.uniform() < 0.5 ? Math.min(64, copy.length) : copy.length)] = rng.integer(256)
  return copy
}

/** Whether an image came of it, undefined where it was refused; and after how many milliseconds. */
async function decoded(bytes: Uint8Array): Promise<[whole: boolean | undefined, took: number]> {
  const began = performance.now()
  // small, as in training: a damaged header may promise 50 million pixels
  const whole = await decodeImage(bytes, { ...target, size: { width: 32, height: 32 } }).then(
    ({ pixels }) => pixels.length === 32 * 32 * 3,
    () => undefined,
  )
  return [whole, performance.now() - began]
}

const before = process.memoryUsage().rss
const tally = { refused: 0, decoded: 0 }
let [slowest, largest] = [0, 0]
for (let i = 0; i < Number(count); i++) {
  const name = names[rng.integer(names.length)]!
  const bytes = damage(readFileSync(join(folder, name)))
  const [done, first] = await decoded(bytes)
  let took = first
  // on a busy machine a file may have waited for its turn: what is slow by itself is slow every time
  for (let again = 0; again < 5 && took > longest; again++) {
    const [, next] = await decoded(bytes)
    took = Math.min(took, next)
  }
  if (done === undefined) tally.refused++
  else if (done) tally.decoded++
  else fault(`${name}, damaged file ${i}: pixels are missing`)
  slowest = Math.max(slowest, took)
  if (took > longest) fault(`${name}, damaged file ${i}: ${(took / 1000).toFixed(1)} s`)
  largest = Math.max(largest, process.memoryUsage().rss - before)
  if ((i + 1) % 1000 === 0)
    console.log(
      `${i + 1} of ${count}, ${faults} faults, the slowest in ${slowest.toFixed(0)} ms, ${(largest / 1e6).toFixed(0)} MB more`,
    )
}
if (largest > most) fault(`${(largest / 1e6).toFixed(0)} MB`)
console.log(
  `${count} damaged files: ${tally.refused} refused, ${tally.decoded} decoded, the slowest in ${slowest.toFixed(0)} ms, ${(largest / 1e6).toFixed(0)} MB more`,
)
rmSync(folder, { recursive: true })
process.exitCode = faults > 0 ? 1 : 0
