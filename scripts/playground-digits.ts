// Makes the digits that the playground learns from: the first of MNIST's training and test images, of 16 shades, as the four
// IDX files. `node --conditions=saccade-source --import tsx scripts/playground-digits.ts`

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { idxFiles } from '../src/datasets/idx-files.ts'
import { loadDataset } from '../src/datasets/store.ts'
import { writeWhole } from '../src/runs/files.ts'

/** How many of each part: as many as a page may load. */
const [train, test] = [5000, 1000]
const out = fileURLToPath(new URL('../web/playground/assets/mnist/', import.meta.url))

const { images, labels, testFrom, height, width } = loadDataset('mnist')
const size = height * width

function write(name: string, magic: number, shape: readonly number[], body: Uint8Array): void {
  const bytes = new Uint8Array(4 + 4 * shape.length + body.length)
  const view = new DataView(bytes.buffer)
  for (const [i, value] of [magic, ...shape].entries()) view.setUint32(4 * i, value)
  bytes.set(body, 4 + 4 * shape.length)
  writeWhole(join(out, `${name}.gz`), gzipSync(bytes, { level: 9 }))
}

for (const [imageFile, labelFile, from, count] of [
  [idxFiles.trainImages, idxFiles.trainLabels, 0, train],
  [idxFiles.testImages, idxFiles.testLabels, testFrom, test],
] as const) {
  const shades = images.slice(from * size, (from + count) * size).map((value) => 17 * Math.round(value / 17))
  write(imageFile, 0x803, [count, height, width], shades)
  write(labelFile, 0x801, [count], labels.slice(from, from + count))
}
