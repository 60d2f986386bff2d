// A trainer that is disposed: during a training, after it, and twice.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { selectEngine } from '../../src/engine/select.ts'
import { Trainer } from '../../src/training/trainer.ts'
import { smallConfig } from './help.ts'

const small = (engine: string, workers: number) =>
  smallConfig({
    environment: { id: 'probe/value' },
    training: { engine, workers, epochs: 1000, epochItems: 512, batchSize: 32, evaluationItems: 20 },
  })

/** What a training ended with; `late` where it did not end. */
const endOf = (training: Promise<unknown>): Promise<unknown> =>
  Promise.race([
    training.then(
      () => 'nothing was wrong',
      (error: Error) => error,
    ),
    new Promise((done) => setTimeout(done, 120_000, 'late').unref()),
  ])

function assertDisposed(end: unknown): void {
  assert.instance(end, Error, String(end))
  assert.is((end as Error).name, 'UserError')
  assert.match((end as Error).message, /^(this trainer was|these workers were) disposed; make a new /)
}

for (const engine of ['cpu', 'wasm', 'onnx']) {
  const starts = await selectEngine(engine).then(
    (selected) => {
      selected.engine.dispose()
      return true
    },
    () => false,
  )
  if (!starts) {
    console.log(`SKIP disposing of a training on engine ${engine}: it does not start here`)
    continue
  }
  for (const workers of [1, 2])
    test(`${engine}, ${workers} workers: a training that is disposed of ends at once with one error, and starts no more`, async () => {
      const trainer = await Trainer.create(small(engine, workers))
      const began = new Promise<void>((resolve) => trainer.once('iteration', () => resolve()))
      const training = trainer.train()
      training.catch(() => {})
      await began
      await trainer.dispose()
      assertDisposed(await endOf(training))
      assertDisposed(await endOf(trainer.train()))
      await trainer.dispose()
    })
}

test('a trainer that was disposed of before it began does not begin', async () => {
  const trainer = await Trainer.create(small('wasm', 1))
  await Promise.all([trainer.dispose(), trainer.dispose()])
  assertDisposed(await endOf(trainer.train()))
})

test.run()
