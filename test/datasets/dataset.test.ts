// How loaded data sets are kept, shared with worker threads, and told of.

import { Worker } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { adoptStore, exportStore, loadDataset, loadedData, loadSplit } from '../../src/datasets/store.ts'

/** Images of one pixel, each of its own value and label. */
function numbers(count: number, testFrom: number): Dataset {
  const bytes = Uint8Array.from({ length: count }, (_, i) => i)
  return { name: 'numbers', images: bytes, labels: bytes, height: 1, width: 1, channels: 1, classNames: [], testFrom }
}

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

test('a part of a data set is a view of it, and what was loaded so is told of, with its fingerprints', () => {
  assert.equal(loadedData(), [])
  const [train, validation] = [loadSplit('mnist', {}, 'train'), loadSplit('mnist', {}, 'validation')]
  assert.equal([train.indices.length, validation.indices.length], [54_000, 6_000])
  assert.is(train.images, loadDataset('mnist').images)
  loadSplit('mnist', {}, 'test', { splitSeed: 7 })
  const [usual, other, ...more] = loadedData()
  assert.equal(usual!.fingerprint, { data: '0e42a0e50cfab27f', split: '864dfa3f93b5ef1e' })
  assert.is(other!.fingerprint.data, usual!.fingerprint.data)
  assert.is.not(other!.fingerprint.split, usual!.fingerprint.split)
  assert.equal(more, [])
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
