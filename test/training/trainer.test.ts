import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RunDirectory } from '../../src/runs/run-directory.ts'
import { newDirectory, smallConfig, timeless, trainOnce } from './help.ts'

test('the same seed gives the same metrics and the same errors, another seed others', async () => {
  const [first, again, other] = [
    await trainOnce(smallConfig()),
    await trainOnce(smallConfig()),
    await trainOnce(smallConfig({ training: { seed: 1 } })),
  ]
  assert.equal(first.records.map(timeless), again.records.map(timeless))
  assert.equal(first.summary!.testError, again.summary!.testError)
  assert.is.not(first.records[0]!.train.loss, other.records[0]!.train.loss)
})

test('two workers with the same seed give the same metrics, bit for bit', async () => {
  const config = smallConfig({ training: { workers: 2, epochs: 1 } })
  const [first, again] = [await trainOnce(config), await trainOnce(config)]
  assert.is(first.summary!.workers, 2)
  assert.equal(first.records.map(timeless), again.records.map(timeless))
})

test('two workers learn from one batch what a single worker learns from it', async () => {
  // with greedy noise-free scenes the draws differ per shard, so only what draws do not touch is compared: with std so
  // small that locations are the means, one iteration's loss and its parameters agree but for the order of sums
  const given = { algorithm: { std: 1e-6, finalStd: 1e-6, policyWeight: 0 }, training: { epochs: 1, epochItems: 64 } }
  const directories = [RunDirectory.create(smallConfig(given), newDirectory())]
  const alone = await trainOnce(smallConfig(given), directories[0])
  const pair = smallConfig({ ...given, training: { ...given.training, workers: 2 } })
  directories.push(RunDirectory.create(pair, newDirectory()))
  const together = await trainOnce(pair, directories[1])
  assert.ok(Math.abs(alone.records[0]!.train.loss! - together.records[0]!.train.loss!) < 1e-4)
  const gap = alone.vectors.parameters!.reduce(
    (largest, value, i) => Math.max(largest, Math.abs(value - together.vectors.parameters![i]!)),
    0,
  )
  // one step of Adam moves each parameter by up to the learning rate, 1e-3: shards agree to a part of that
  assert.ok(gap < 2e-4, `parameters differ by up to ${gap}`)
})

test('training two epochs and resuming for two more gives the bits of training four', async () => {
  const config = smallConfig({ training: { epochs: 4, averaging: 0.9 } })
  const whole = await trainOnce(config, RunDirectory.create(config, newDirectory()))
  const path = newDirectory()
  const interrupted = await trainOnce(config, RunDirectory.create(config, path), (trainer) =>
    trainer.on('epoch', ({ epoch }) => {
      if (epoch === 2) trainer.stop()
    }),
  )
  assert.is(interrupted.summary, undefined)
  const resumed = await trainOnce(config, RunDirectory.resume(path))
  assert.equal(resumed.records.map(timeless), whole.records.slice(2).map(timeless))
  assert.equal(resumed.vectors, whole.vectors)
  assert.equal(resumed.summary!.testError, whole.summary!.testError)
  assert.is(RunDirectory.open(path).epochs().length, 4)
})

test('a training stopped in mid-epoch goes on from that very iteration', async () => {
  const config = smallConfig({ training: { epochs: 1, epochItems: 640, batchSize: 8 } })
  const whole = await trainOnce(config, RunDirectory.create(config, newDirectory()))
  const path = newDirectory()
  let stoppedAt = 0
  await trainOnce(config, RunDirectory.create(config, path), (trainer) =>
    trainer.once('iteration', ({ iteration }) => {
      stoppedAt = iteration
      trainer.stop()
    }),
  )
  assert.ok(stoppedAt > 0 && stoppedAt < 80, `stopped at iteration ${stoppedAt} of 80`)
  assert.is(existsSync(join(path, 'summary.json')), false)
  const resumed = await trainOnce(config, RunDirectory.resume(path))
  assert.equal(resumed.records.map(timeless), whole.records.map(timeless))
  assert.equal(resumed.vectors, whole.vectors)
})

test('the smaller last batch of an epoch is learned from', async () => {
  // 100 items in batches of 64: 64 and 36; with one iteration less the parameters would be others
  const config = smallConfig({ training: { epochs: 1, epochItems: 100 } })
  const { records, summary } = await trainOnce(config)
  assert.is(records.length, 1)
  assert.ok(summary!.testError.greedy > 0 && summary!.testError.greedy < 100)
})

test('a training leaves no tensor behind', async () => {
  await trainOnce(smallConfig({ training: { epochs: 1 } }))
  const before = tf.memory().numTensors
  await trainOnce(smallConfig({ training: { epochs: 2 } }))
  assert.is(tf.memory().numTensors, before)
})

test('a training that diverges says so and what to do, and writes no summary', async () => {
  const config = smallConfig({
    training: { optimiser: 'sgd', learningRate: 10, schedule: 'constant', gradientClip: 0, epochs: 5 },
    agent: { detach: 'none' },
  })
  const path = newDirectory()
  const directory = RunDirectory.create(config, path)
  try {
    await trainOnce(config, directory)
    assert.unreachable('a learning rate of 10 should not converge')
  } catch (error) {
    assert.match((error as Error).message, /diverged.*lower --learning-rate/)
  }
  assert.is(existsSync(join(path, 'summary.json')), false)
})

test('patience ends a training that no longer gets better', async () => {
  // without a learning rate nothing changes: epoch 1 is the best, and two epochs without a better one end it
  const config = smallConfig({
    training: { epochs: 9, patience: 2, learningRate: 1e-12, schedule: 'constant', epochItems: 64 },
  })
  const { records, summary } = await trainOnce(config)
  assert.is(records.length, 3)
  assert.is(summary!.bestEpoch, 1)
})

test.run()
