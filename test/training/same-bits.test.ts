// The same shards give the same bits, whoever works on them; and a run writes down what it really used.

import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { selectEngine } from '../../src/engine/select.ts'
import { make, registerEnvironment } from '../../src/env/registry.ts'
import { z } from '../../src/index.ts'
import type { PartialConfig } from '../../src/runs/config.ts'
import { RunDirectory } from '../../src/runs/run-directory.ts'
import { Trainer } from '../../src/training/trainer.ts'
import { newDirectory, smallConfig, timeless, trainOnce } from './help.ts'

const hasOnnx = await selectEngine('onnx').then(
  ({ engine }) => {
    engine.dispose()
    return true
  },
  () => false,
)
if (!hasOnnx) console.log('SKIP the same bits on engine onnx: it does not start here')

/** A training of three shards, by so many workers: of two, whose sum is the same in any order, nobody could tell who came first. */
async function byWorkers(workers: number, { training, ...given }: PartialConfig) {
  const path = newDirectory()
  const config = smallConfig({
    ...given,
    training: {
      epochs: 1,
      epochItems: 100,
      batchSize: 32,
      evaluationItems: 40,
      evaluationRollouts: 2,
      ...training,
      shards: 3,
      workers,
    },
  })
  const outcome = await trainOnce(config, RunDirectory.create(config, path))
  const { training: used } = JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'))
  return { ...outcome, used }
}

const cases: Readonly<Record<string, PartialConfig>> = {
  'reinforce with a moving average and a gradient that is clipped': {
    training: { engine: 'wasm', averaging: 0.9, rollouts: 2, gradientClip: 0.01 },
  },
  'ppo, whose minibatches are of unequal size': {
    algorithm: { name: 'ppo', updateEpochs: 2, minibatches: 3, targetKl: 0.5 },
    training: { engine: 'wasm' },
  },
  ...(hasOnnx && {
    'reinforce, on engine onnx': { training: { engine: 'onnx', averaging: 0.9 } },
    'ppo, on engine onnx': { algorithm: { name: 'ppo', minibatches: 2 }, training: { engine: 'onnx' } },
  }),
}

for (const [title, given] of Object.entries(cases))
  test(`${title}: three shards give the same metrics, parameters and errors with one worker, with two and with three`, async () => {
    const alone = await byWorkers(1, given)
    assert.equal([alone.used.workers, alone.used.shards], [1, 3])
    // two sum each for itself, three share the sum
    for (const workers of [2, 3]) {
      const together = await byWorkers(workers, given)
      assert.equal([together.used.workers, together.used.shards], [workers, 3])
      assert.is(together.used.engine, given.training!.engine)
      assert.equal(together.records.map(timeless), alone.records.map(timeless))
      assert.equal(together.vectors, alone.vectors)
      assert.equal(together.summary!.testError, alone.summary!.testError)
    }
  })

test('another number of shards is another sum: the bits differ, and only they', async () => {
  // plain descent, in which the size of a gradient counts, in three steps
  const steps = { optimiser: 'sgd', momentum: 0, learningRate: 0.5, schedule: 'constant', gradientClip: 0 }
  const given = { training: { ...steps, engine: 'wasm', epochs: 1, epochItems: 192, workers: 1, evaluationItems: 20 } }
  const run = (shards: number) => trainOnce(smallConfig({ training: { ...given.training, shards } }))
  const [one, three] = [await run(1), await run(3)]
  const [a, b] = [one.records[0]!.train, three.records[0]!.train]
  // `spread` is measured within a shard
  for (const name of ['loss', 'supervised', 'policy', 'baseline', 'return', 'accuracy'])
    assert.ok(Math.abs(a[name]! - b[name]!) < 1e-5, `${name}: ${a[name]}, ${b[name]}`)
})

test('what auto and 0 stood for is written down, and a run repeated from it has the same bits', async () => {
  const path = newDirectory()
  const config = smallConfig({ training: { epochs: 1, epochItems: 64, engine: 'auto', workers: 0 } })
  const first = await trainOnce(config, RunDirectory.create(config, path))
  const { training } = RunDirectory.open(path).config
  assert.is(training.engine, first.summary!.engine)
  assert.is(training.workers, first.summary!.workers)
  assert.ok(training.engine !== 'auto' && training.workers > 0 && training.shards > 0)
  const again = await trainOnce(smallConfig({ training }))
  assert.equal(again.records.map(timeless), first.records.map(timeless))
})

registerEnvironment({
  id: 'test/here-alone',
  description: 'a probe that only this process knows',
  options: z.strictObject({}),
  create: (_options, setting) => make('probe/prediction', setting),
})

const here = (workers: number) =>
  smallConfig({
    environment: { id: 'test/here-alone' },
    training: { workers, epochs: 1, epochItems: 64, evaluationItems: 20 },
  })

test('a world that only this process knows trains by default, with one worker and a word of why', async () => {
  const warnings: string[] = []
  const { summary } = await trainOnce(here(0), undefined, (trainer) =>
    trainer.on('warning', (warning) => warnings.push(warning)),
  )
  assert.is(summary!.workers, 1)
  if (availableParallelism() === 1) return
  assert.equal(warnings, [
    '1 worker: the environment "test/here-alone-v1" was registered in this process, which worker threads do not see; name its module in imports for more',
  ])
})

test('more than one worker asked for such a world are refused in words', async () => {
  const refusal = await Trainer.create(here(2)).then(
    () => undefined,
    (error: Error) => error,
  )
  assert.is(refusal?.name, 'UserError')
  assert.match(
    refusal!.message,
    /^workers 2 given, but the environment "test\/here-alone-v1" was registered in this process/,
  )
  assert.match(refusal!.message, /use --workers 1, or name its module in imports$/)
})

test.run()
