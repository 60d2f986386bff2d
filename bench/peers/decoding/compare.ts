// Decodes the files that generate.py wrote and holds them against what they should be.
// Usage: node --import tsx bench/peers/decoding/compare.ts DIR. Prints files that differ by more than 2 grey levels.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeImage, readHeader } from '../../../src/datasets/decode-image.ts'

const allowed = 2
const folder = process.argv[2] ?? ''
const names = readdirSync(folder).filter((name) => !name.endsWith('.npy'))
let wrong = 0
let worst = 0
for (const name of names.sort()) {
  const outcome = await differenceOf(name).catch((error: Error) => error.message)
  const bad = typeof outcome === 'string' || outcome > allowed
  if (typeof outcome === 'number' && !bad) worst = Math.max(worst, outcome)
  if (bad) console.log(`${name}: ${outcome}`)
  wrong += Number(bad)
}
console.log(`${names.length} files, ${wrong} differ; the others by at most ${worst} grey levels`)
process.exitCode = wrong > 0 ? 1 : 0

/** The largest difference in a byte. */
async function differenceOf(name: string): Promise<number> {
  const bytes = readFileSync(join(folder, name))
  const { pixels, width, height } = await decodeImage(bytes, { fit: 'pad', background: 37 })
  const size = await readHeader(bytes)
  const expected = readNpy(readFileSync(join(folder, `${name}.npy`)))
  const shape = `${height},${width},3`
  if (shape !== expected.shape || size.width !== width || size.height !== height)
    throw new Error(`is ${shape}, its header says ${size.width}x${size.height}, expected ${expected.shape}`)
  return pixels.reduce((most, value, i) => Math.max(most, Math.abs(value - expected.data[i]!)), 0)
}

/** A uint8 array as numpy writes it. */
function readNpy(file: Buffer): { shape: string; data: Uint8Array } {
  const end = 10 + file.readUInt16LE(8)
  const header = file.subarray(10, end).toString()
  const shape = /'shape': \(([^)]*)\)/.exec(header)?.[1]?.replaceAll(' ', '') ?? ''
  if (!header.includes("'|u1'") || header.includes("'fortran_order': True")) throw new Error(`unexpected ${header}`)
  return { shape, data: file.subarray(end) }
}
