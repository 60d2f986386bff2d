// How a data set is cut into training, validation and test.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { UserError } from '../../src/core/errors.ts'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { fingerprintOf, fingerprintOfSplit, hashNames } from '../../src/datasets/fingerprint.ts'
import { loadMnist } from '../../src/datasets/mnist.ts'
import { cutDataset, type SplitOptions, splits } from '../../src/datasets/split.ts'

function numbers(count: number, testFrom: number, validationFrom = testFrom): Dataset {
  const bytes = Uint8Array.from({ length: count }, (_, i) => i)
  const shape = { height: 1, width: 1, channels: 1, classNames: [], testFrom, validationFrom }
  return { name: 'numbers', images: bytes, labels: bytes, ...shape }
}

/** Images by class and name, as a folder has them. */
function named(classes: Readonly<Record<string, readonly string[]>>): Dataset & { readonly names: readonly string[] } {
  const classNames = Object.keys(classes)
  const names = classNames.flatMap((name) => classes[name]!.map((file) => `${name}/${file}`))
  const labels = Uint8Array.from(classNames.flatMap((name, label) => classes[name]!.map(() => label)))
  const shape = { height: 1, width: 1, channels: 1, classNames, testFrom: labels.length }
  return { name: 'named', images: labels, labels, ...shape, identities: hashNames(names), names }
}

const files = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => `${from + i}.png`)

/** The part of every image, by its name. */
function partsByName(dataset: ReturnType<typeof named>, options: Partial<SplitOptions> = {}): Map<string, string> {
  const parts = cutDataset(dataset, options)
  return new Map(splits.flatMap((split) => [...parts[split]].map((i) => [dataset.names[i]!, split] as const)))
}

const cut = (dataset: Dataset, options: Partial<SplitOptions> = {}): number[][] => {
  const parts = cutDataset(dataset, options)
  return splits.map((split) => [...parts[split]])
}

const ascending = (values: number[]): number[] => values.toSorted((a, b) => a - b)
const upTo = (end: number, begin = 0): number[] => Array.from({ length: end - begin }, (_, i) => begin + i)

test("a set's own test images are the test part, and a tenth of the others the validation part", () => {
  const [train, validation, own] = cut(numbers(50, 40))
  assert.equal([train!.length, validation!.length], [36, 4])
  assert.equal(ascending([...train!, ...validation!]), upTo(40))
  assert.equal(own, upTo(50, 40))
})

test("a set's own validation images are the validation part", () => {
  const [train, validation, own] = cut(numbers(50, 40, 33))
  assert.equal([ascending(train!), validation, own], [upTo(33), upTo(40, 33), upTo(50, 40)])
  // and without test images of its own, those are taken from the training images
  const [rest, kept, taken] = cut(numbers(40, 40, 30), { testShare: 0.2 })
  assert.equal([rest!.length, kept, taken!.length], [24, upTo(40, 30), 6])
})

test('a set without test images of its own is cut in three that share no image', () => {
  const [train, validation, rest] = cut(numbers(50, 50), { validationShare: 0.2, testShare: 0.3 })
  assert.equal([train!.length, validation!.length, rest!.length], [25, 10, 15])
  assert.equal(ascending([...train!, ...validation!, ...rest!]), upTo(50))
})

test('the cut is a shuffle that follows its seed', () => {
  const validation = (splitSeed: number) => cut(numbers(200, 200), { splitSeed })[1]!
  assert.equal(validation(1), validation(1))
  assert.not.equal(ascending(validation(1)), ascending(validation(2)))
  assert.not.equal(ascending(validation(1)), upTo(20))
})

test('a part without images, and shares that leave none for training, are refused', () => {
  const complaint = (act: () => unknown): string => {
    try {
      act()
      return 'no error'
    } catch (error) {
      assert.instance(error, UserError)
      return (error as Error).message
    }
  }
  assert.match(
    complaint(() => cutDataset(numbers(3, 3))),
    /^numbers: no images are left for validation; 3 are too few to be cut in three/,
  )
  assert.match(
    complaint(() => cutDataset(numbers(30, 30), { validationShare: 0.5, testShare: 0.5 })),
    /validationShare 0.5 and testShare 0.5 leave nothing for training/,
  )
})

test("MNIST's parts and fingerprints never change: published figures depend on them", () => {
  const mnist = loadMnist()
  const [train, validation, own] = cut(mnist)
  assert.equal([train!.length, validation!.length, own!.length], [54_000, 6_000, 10_000])
  assert.equal(train!.slice(0, 3), [43488, 29064, 55360])
  assert.equal(validation!.slice(0, 3), [45125, 30483, 40599])
  assert.equal(cut(mnist, { splitSeed: 7 })[1]!.slice(0, 3), [36681, 2605, 53414])
  assert.is(fingerprintOf(mnist), '0e42a0e50cfab27f')
  assert.is(fingerprintOfSplit(cutDataset(mnist)), '864dfa3f93b5ef1e')
})

test('an image more or less in a folder moves no other from one part to another', () => {
  const before = partsByName(named({ a: files(200), b: files(300) }))
  for (const extra of ['0.jpg', 'aa.png', 'zz.png', '150.jpeg']) {
    const after = partsByName(named({ a: [...files(200), extra].sort(), b: files(299) }))
    after.delete(`a/${extra}`)
    for (const [name, part] of after) assert.is(part, before.get(name), name)
  }
})

test('the part of an image does not depend on the order of the files, but on the seed', () => {
  const forth = partsByName(named({ a: files(100), b: files(100) }))
  const back = partsByName(named({ b: files(100).reverse(), a: files(100).reverse() }))
  assert.equal([...forth].sort(), [...back].sort())
  assert.not.equal(
    [...forth].sort(),
    [...partsByName(named({ a: files(100), b: files(100) }), { splitSeed: 1 })].sort(),
  )
})

test('every part has about its share of every class', () => {
  const dataset = named({ a: files(2000), b: files(500) })
  const parts = cutDataset(dataset, { validationShare: 0.1, testShare: 0.2 })
  const count = (split: 'validation' | 'test', label: number): number =>
    [...parts[split]].filter((i) => dataset.labels[i] === label).length
  // within four standard deviations of 200, 400, 50, 100
  assert.ok(Math.abs(count('validation', 0) - 200) < 54)
  assert.ok(Math.abs(count('test', 0) - 400) < 72)
  assert.ok(Math.abs(count('validation', 1) - 50) < 27)
  assert.ok(Math.abs(count('test', 1) - 100) < 36)
})

test('no class is without an image in a part as long as it has three, whatever the seed', () => {
  const dataset = named({ common: files(40), often: files(40), rare: files(3), pair: files(2), one: files(1) })
  for (let splitSeed = 0; splitSeed < 200; splitSeed++) {
    const parts = cutDataset(dataset, { splitSeed })
    const counts = splits.map((split) => {
      const classes = new Array(5).fill(0)
      for (const i of parts[split]) classes[dataset.labels[i]!]++
      return classes
    })
    const [train, validation, own] = counts as [number[], number[], number[]]
    // of 40 images a tenth is 4, of which no part has less than half
    for (const c of [0, 1]) assert.ok(validation[c]! >= 2 && own[c]! >= 2 && train[c]! >= 20, `seed ${splitSeed}`)
    assert.equal([train[2], validation[2], own[2]], [1, 1, 1])
    assert.equal([train[3], validation[3], own[3]], [1, 0, 1])
    assert.equal([train[4], validation[4], own[4]], [1, 0, 0])
  }
})

test('the first images of a part are of many classes', () => {
  const dataset = named({ a: files(50), b: files(50), c: files(50) })
  for (const split of splits) {
    const first = [...cutDataset(dataset)[split].slice(0, 12)].map((i) => dataset.labels[i])
    assert.ok(new Set(first).size > 1, split)
  }
})

test('a fingerprint changes with a pixel, a label, a class name, and the cut', () => {
  const dataset = named({ a: files(30), b: files(30) })
  const other = (change: Partial<Dataset>): string =>
    fingerprintOf({ ...dataset, images: dataset.images.slice(), ...change })
  const own = fingerprintOf(dataset)
  assert.match(own, /^[0-9a-f]{16}$/)
  assert.is(other({}), own)
  assert.is.not(other({ images: dataset.images.map((value, i) => (i === 7 ? 1 - value : value)) }), own)
  assert.is.not(other({ labels: dataset.labels.toReversed() }), own)
  assert.is.not(other({ classNames: ['a', 'c'] }), own)
  assert.is(fingerprintOfSplit(cutDataset(dataset)), fingerprintOfSplit(cutDataset(dataset)))
  assert.is.not(fingerprintOfSplit(cutDataset(dataset)), fingerprintOfSplit(cutDataset(dataset, { splitSeed: 1 })))
})

test.run()
