// Decodes damaged files one by one: how long each takes, how much memory the process comes to hold, and what is accepted.
// Usage: node --import tsx bench/peers/decoding/fuzz.ts DIR OUT. Writes what was accepted to OUT, for agree.py.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeImage } from '../../../src/datasets/decode-image.ts'

const [folder = '', out = ''] = process.argv.slice(2)
mkdirSync(out, { recursive: true })
const reasons = new Map<string, number>()
let slowest = { name: '', milliseconds: 0 }
let accepted = 0
const names = readdirSync(folder).sort()
for (const name of names) {
  const bytes = readFileSync(join(folder, name))
  const began = performance.now()
  try {
    const { pixels, width, height } = await decodeImage(bytes, { fit: 'pad', background: 37 })
    accepted++
    const header = new Uint32Array([width, height])
    writeFileSync(join(out, name), Buffer.concat([new Uint8Array(header.buffer), pixels]))
  } catch (error) {
    const reason = (error as Error).message.replace(/\d+/g, 'N').slice(0, 80)
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  const milliseconds = performance.now() - began
  if (milliseconds > slowest.milliseconds && name !== names[0]) slowest = { name, milliseconds }
}
for (const [reason, count] of [...reasons].sort((a, b) => b[1] - a[1]).slice(0, 25)) console.log(`${count}  ${reason}`)
console.log(
  `${names.length} files, ${accepted} accepted; the slowest ${Math.round(slowest.milliseconds)} ms (${slowest.name}); at most ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`,
)
