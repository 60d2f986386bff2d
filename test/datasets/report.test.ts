// What is told of the data before a training.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { reportOn, warnOfWindow } from '../../src/datasets/report.ts'
import type { Parts } from '../../src/datasets/split.ts'

/** Images of one pixel: `counts[c]` of class c, all in the training part but for those that are named. */
function few(counts: readonly number[], held: Partial<Parts> = {}): [Dataset, Parts] {
  const labels = Uint8Array.from(counts.flatMap((count, label) => new Array<number>(count).fill(label)))
  const classNames = counts.map((_, c) => `kind ${c}`)
  const { validation = Int32Array.of(), test: own = Int32Array.of() } = held
  const train = Int32Array.from(labels.keys()).filter((i) => !validation.includes(i) && !own.includes(i))
  const dataset = { name: 'few', images: labels, labels, height: 1, width: 1, channels: 1, classNames }
  return [
    { ...dataset, testFrom: labels.length, notes: ['a note'] },
    { train, validation, test: own },
  ]
}

test('the table has a row a class and a column a part', () => {
  const { table, notes } = reportOn(
    ...few([120, 30], { validation: Int32Array.of(0, 120, 121), test: Int32Array.of(1) }),
  )
  const [head, ...rows] = table.split('\n')
  assert.match(head!, /^data few: 150 images of 1x1 grey, 2 classes, fingerprint [0-9a-f]{16}, split [0-9a-f]{16}$/)
  assert.equal(rows, [
    '  class   train  validation  test  total',
    '  kind 0    118           1     1    120',
    '  kind 1     28           2     0     30',
    '  all       146           3     1    150',
  ])
  assert.equal(notes, ['a note'])
})

test('a long table shows the largest and the smallest classes, and what lies between as one', () => {
  const { table } = reportOn(...few(Array.from({ length: 50 }, (_, c) => c + 1)))
  const rows = table.split('\n')
  assert.is(rows.length, 1 + 1 + 20 + 1 + 20 + 1)
  // classes of 21 to 30 images lie between: 255
  assert.match(rows[22]!, /^ {2}\(10 classes more\) +255 +0 +0 +255$/)
  assert.match(rows[2]!, /^ {2}kind 49 +50 /)
  assert.match(rows.at(-2)!, /^ {2}kind 0 +1 /)
})

test('classes that a part lacks, and parts that are too small, are warned of by name', () => {
  const { warnings } = reportOn(...few([60, 30], { validation: Int32Array.of(0, 1), test: Int32Array.of(2, 89) }))
  assert.equal(warnings.slice(0, 1), ['few: no validation image of class kind 1; add images of it'])
  assert.match(
    warnings[1]!,
    /^few: 86 training images of 2 classes are few, and the agent will memorise them; add images, or try/,
  )
  assert.match(warnings[2]!, /^few: 2 images for validation make a rough figure: each is 50\.0 %; add images/)
  assert.is(warnings.length, 4)
  const held = (from: number): Int32Array => Int32Array.from({ length: 60 }, (_, i) => from + 10 * i)
  assert.equal(reportOn(...few([500, 500], { validation: held(0), test: held(1) })).warnings, [])
})

test('windows that see too little of an image are warned of', () => {
  const eye = { glimpses: 6, glimpseSide: 8, scales: 3, scaleFactor: 2 }
  assert.is(warnOfWindow({ name: 'x', width: 64, height: 64 }, eye), undefined)
  // 6 windows of 32x32 in 256x192: 12.5 %
  assert.is(
    warnOfWindow({ name: 'x', width: 256, height: 192 }, eye),
    'x: 6 looks through windows of at most 32x32 pixels see 13 % of an image of 256x192; try --scales 4, more --glimpses, or a smaller --side',
  )
})

test.run()
