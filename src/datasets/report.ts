// What a person should know of the data before training: a table of classes and parts, what was left out, what is missing
// or too little to learn from, and the fingerprints by which a run can say what it saw.

import type { Dataset } from './dataset.ts'
import { fingerprintOf, fingerprintOfSplit } from './fingerprint.ts'
import { few } from './image-files.ts'
import { type Parts, splits } from './split.ts'

/** What is told of a data set and its parts. */
export type DataReport = {
  readonly name: string
  /** Several lines: the data set in one, then images per class and part. */
  readonly table: string
  /** What was left out, changed or guessed. */
  readonly notes: readonly string[]
  /** What may spoil the training. */
  readonly warnings: readonly string[]
}

/** A longer table is cut: its largest and its smallest classes stay. */
const mostRows = 40

/** A part with fewer images tells little, and a training with fewer learns them by heart. */
const fewImages = { train: 100, each: 10, held: 20 }

/** @param parts as `cutDataset` made them of it */
export function reportOn(dataset: Dataset, parts: Parts): DataReport {
  const counts = splits.map((split) => countClasses(dataset, parts[split]))
  return {
    name: dataset.name,
    table: tableOf(dataset, parts, counts),
    notes: dataset.notes ?? [],
    warnings: warningsOf(dataset, counts),
  }
}

/** Images of each class in a part. */
function countClasses({ labels, classNames }: Dataset, indices: Int32Array): number[] {
  const counts = new Array<number>(classNames.length).fill(0)
  for (const i of indices) counts[labels[i]!]!++
  return counts
}

function tableOf(dataset: Dataset, parts: Parts, counts: readonly (readonly number[])[]): string {
  const { name, classNames, width, height, channels, labels } = dataset
  const rows = classNames.map((className, c) => {
    const each = counts.map((part) => part[c]!)
    return { className, each, total: each.reduce((sum, count) => sum + count, 0) }
  })
  const shown = rows.length > mostRows ? shorten(rows) : rows
  const totals = counts.map((part) => part.reduce((sum, count) => sum + count, 0))
  const lines = [
    ['class', ...splits, 'total'],
    ...shown.map(({ className, each, total }) => [className, ...each.map(String), String(total)]),
    ['all', ...totals.map(String), String(labels.length)],
  ]
  const colour = channels === 1 ? 'grey' : 'RGB'
  const head = `data ${name}: ${labels.length} images of ${width}x${height} ${colour}, ${classNames.length} classes, fingerprint ${fingerprintOf(dataset)}, split ${fingerprintOfSplit(parts)}`
  return [head, ...align(lines)].join('\n')
}

type Row = { readonly className: string; readonly each: readonly number[]; readonly total: number }

/** The largest and the smallest classes, and between them how many were passed over. */
function shorten(rows: readonly Row[]): Row[] {
  const sorted = rows.toSorted((a, b) => b.total - a.total)
  const half = mostRows / 2
  const between = sorted.slice(half, -half)
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, value) => total + value, 0)
  const gap = {
    className: `(${between.length} classes more)`,
    each: splits.map((_, s) => sum(between.map(({ each }) => each[s]!))),
    total: sum(between.map(({ total }) => total)),
  }
  return [...sorted.slice(0, half), gap, ...sorted.slice(-half)]
}

/** Lines of cells in columns, the first to the left and numbers to the right. */
function align(lines: readonly (readonly string[])[]): string[] {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  return lines.map(
    ([first, ...rest]) =>
      `  ${first!.padEnd(widths[0]!)}${rest.map((cell, i) => `  ${cell.padStart(widths[i + 1]!)}`).join('')}`,
  )
}

function warningsOf(dataset: Dataset, counts: readonly (readonly number[])[]): string[] {
  const { name, classNames, labels, testFrom, validationFrom = testFrom, identities } = dataset
  const warnings = splits.flatMap((split, s) => {
    const missing = classNames.filter((_, c) => counts[s]![c] === 0)
    return missing.length > 0 ? [`${name}: no ${split} image of class ${few(missing, ', ')}; add images of it`] : []
  })
  const [train = 0, ...held] = counts.map((part) => part.reduce((sum, count) => sum + count, 0))
  if (train < Math.max(fewImages.train, fewImages.each * classNames.length))
    warnings.push(
      `${name}: ${train} training images of ${classNames.length} classes are few, and the agent will memorise them; add images, or try --distortion 1, --mirror and more --epochs`,
    )
  const drawn = [identities && validationFrom === testFrom, identities && testFrom === labels.length]
  held.forEach((count, i) => {
    const more = drawn[i] ? `, or raise --${i === 0 ? 'validation' : 'test'}-share` : ''
    if (count < Math.max(fewImages.held, classNames.length))
      warnings.push(
        `${name}: ${count} images for ${splits[i + 1]} make a rough figure: each is ${(100 / count).toFixed(1)} %; add images${more}`,
      )
  })
  return warnings
}

/** A window that sees too little of an image, in a sentence with what to try; undefined where it sees enough. */
export function warnOfWindow(
  { name, width, height }: Pick<Dataset, 'name' | 'width' | 'height'>,
  eye: {
    readonly glimpses: number
    readonly glimpseSide: number
    readonly scales: number
    readonly scaleFactor: number
  },
): string | undefined {
  const { glimpses, glimpseSide, scales, scaleFactor } = eye
  const widest = Math.min(Math.max(width, height), glimpseSide * scaleFactor ** (scales - 1))
  const seen = Math.min(1, (glimpses * Math.min(widest, width) * Math.min(widest, height)) / (width * height))
  if (seen >= 0.25) return undefined
  return `${name}: ${glimpses} looks through windows of at most ${widest}x${widest} pixels see ${Math.round(100 * seen)} % of an image of ${width}x${height}; try --scales ${scales + 1 + Math.floor(Math.log2(0.25 / seen) / 2)}, more --glimpses, or a smaller --side`
}
