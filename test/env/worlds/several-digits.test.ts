// Several images on one canvas, of a set small enough to be read off the canvas: a 2x2 image of label k has 100 + k everywhere.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../../../src/catalogue.ts'
import { checkEnvironment } from '../../../src/env/check-environment.ts'
import { make } from '../../../src/env/registry.ts'
import type { ImageSet } from '../../../src/env/vision/image-set.ts'
import { type SeveralTask, severalDigits } from '../../../src/env/worlds/several-digits.ts'

const set: ImageSet = {
  name: 'tiny',
  images: Uint8Array.from({ length: 40 }, (_, i) => 100 + Math.floor(i / 4)),
  labels: Uint8Array.from({ length: 10 }, (_, i) => i),
  ...{ height: 2, width: 2, channels: 1 },
  classNames: [...'0123456789'],
  indices: Int32Array.from({ length: 10 }, (_, i) => i),
}

const scenes = (task: SeveralTask, split: 'train' | 'test' = 'train') =>
  severalDigits({ set, split, task, side: 12, most: 4, evaluationSeed: 0 })

/** The labels on an item's canvas from left to right, read off its columns; every image must be there whole. */
function read(task: SeveralTask, seed: number, item: number, split: 'train' | 'test' = 'train'): number[] {
  const source = scenes(task, split)
  const { pixels, starts } = source.show(seed, [item])
  const found: number[] = []
  for (let x = 0; x < 12; x++) {
    const column = Array.from({ length: source.height }, (_, y) => pixels[starts[0]! + 12 * y + x]!).filter(
      (v) => v > 0,
    )
    assert.ok(column.length === 0 || (column.length === 2 && column[0] === column[1]), `column ${x}: ${column}`)
    if (column.length > 0) found.push(column[0]! - 100)
  }
  assert.is(found.length % 2, 0)
  return found.filter((_, i) => i % 2 === 0)
}

function target(task: SeveralTask, seed: number, item: number, split: 'train' | 'test' = 'train'): number[] {
  const source = scenes(task, split)
  const out = new Int32Array(source.predictionSpace.size)
  source.target(seed, item, out, 0)
  return [...out]
}

test('pairs are named from left to right, and the item is one of them', () => {
  for (let item = 0; item < 10; item++) {
    const labels = read('pairs', 7, item)
    assert.equal(target('pairs', 7, item), labels)
    assert.ok(labels.includes(item))
  }
})

test('of an addition, the sum is right', () => {
  for (let item = 0; item < 10; item++) {
    const [left, right] = read('addition', 7, item)
    assert.equal(target('addition', 7, item), [left! + right!])
  }
})

test('of a sequence, every digit and then the end mark is right, and all lengths come', () => {
  const lengths = new Set<number>()
  for (let item = 0; item < 10; item++)
    for (let seed = 0; seed < 4; seed++) {
      const labels = read('sequence', seed, item)
      lengths.add(labels.length)
      assert.equal(target('sequence', seed, item), [...labels, 10, 10, 10, 10, 10].slice(0, 5))
    }
  assert.equal([...lengths].sort(), [1, 2, 3, 4])
})

test('training canvases differ from seed to seed, those of the test never', () => {
  const seen = (split: 'train' | 'test') => [0, 1, 2, 3, 4].map((seed) => read('pairs', seed, 3, split).join())
  assert.is(new Set(seen('test')).size, 1)
  assert.ok(new Set(seen('train')).size > 1)
})

test('images that do not fit side by side are refused', () => {
  assert.throws(
    () => severalDigits({ set, split: 'train', task: 'sequence', side: 7, most: 4, evaluationSeed: 0 }),
    /canvasSide 7 given; 4 images of tiny side by side are 8 pixels wide: give at least that/,
  )
})

for (const [id, kind] of [
  ['MNISTPairs', 'multi-discrete'],
  ['MNISTAddition', 'discrete'],
  ['MNISTSequence', 'multi-discrete'],
  ['MNISTLocate', 'box'],
  ['MNIST-moves', 'discrete'],
] as const)
  test(`${id} keeps the laws`, () => {
    for (const split of ['train', 'test'] as const) {
      const world = make(id, { split, batchSize: 3 })
      assert.is(world.predictionSpace!.kind, kind)
      checkEnvironment(world)
    }
  })

test('where to look for a target is remembered only of scenes that stay as they are', () => {
  const targets = (visits: readonly number[], options: object): number[] => {
    const world = make('MNISTLocate', { split: 'train', batchSize: 1, ...options })
    return Array.from(visits.map((seed) => world.reset({ seed, items: [5, 9] }).info.target as Float32Array).at(-1)!)
  }
  for (const options of [{}, { distortion: 4, mirror: true }])
    assert.equal(targets([1, 2], options), targets([2], options))
  assert.not.equal(targets([2], {}), targets([1], {}))
})

test.run()
