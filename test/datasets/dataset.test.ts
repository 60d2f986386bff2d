// How a data set is cut into training, validation and test, and how loaded sets are kept and shared.

import { Worker } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { UserError } from '../../src/core/errors.ts'
import { type Dataset, type SplitOptions, selectSplit } from '../../src/datasets/dataset.ts'
import { adoptStore, exportStore, loadDataset } from '../../src/datasets/store.ts'

function numbers(count: number, testFrom: number): Dataset {
  const bytes = Uint8Array.from({ length: count }, (_, i) => i)
  return { name: 'numbers', images: bytes, labels: bytes, height: 1, width: 1, channels: 1, classNames: [], testFrom }
}

const cut = (dataset: Dataset, options: Partial<SplitOptions> = {}) =>
  (['train', 'validation', 'test'] as const).map((split) => [...selectSplit(dataset, split, options).indices])

const ascending = (values: number[]): number[] => values.toSorted((a, b) => a - b)
const upTo = (end: number, begin = 0): number[] => Array.from({ length: end - begin }, (_, i) => begin + i)

test("a set's own test images are the test part, and a tenth of the others the validation part", () => {
  const [train, validation, own] = cut(numbers(50, 40))
  assert.equal([train!.length, validation!.length], [36, 4])
  assert.equal(ascending([...train!, ...validation!]), upTo(40))
  assert.equal(own, upTo(50, 40))
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

test('a part without images is refused', () => {
  assert.throws(
    () => selectSplit(numbers(3, 3), 'validation'),
    (error: Error) =>
      error instanceof UserError &&
      error.message === 'numbers: no images are left for validation; 3 are too few to be cut in three',
  )
})

test('a data set is loaded once for the same options', () => {
  assert.is(loadDataset('mnist'), loadDataset('mnist', { data: '' }))
  assert.is(exportStore().length, 1)
})

test('an unknown data set is refused with the nearest name', () => {
  assert.throws(
    () => loadDataset('mnits'),
    (error: Error) => error.message === 'unknown data set "mnits"; did you mean "mnist"?',
  )
})

test('what is adopted is not loaded again', () => {
  const [entry] = exportStore()
  const dataset = numbers(5, 5)
  adoptStore([{ key: entry!.key, dataset }])
  assert.is(loadDataset('mnist'), dataset)
  adoptStore([entry!])
})

test('a worker thread sees the very same bytes', async () => {
  const [entry] = exportStore()
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads')
     const { images, labels } = workerData.dataset
     images[0] = 123
     parentPort.postMessage([images.length, labels[0]])`,
    { eval: true, workerData: entry },
  )
  const [length, label] = await new Promise<number[]>((done) => worker.once('message', done))
  assert.equal([length, label], [54_880_000, 5])
  assert.is(entry!.dataset.images[0], 123)
})

test.run()
