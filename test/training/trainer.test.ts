import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { z } from 'zod'
import { lengthOf } from '../../src/core/tensors.ts'
import { selectEngine } from '../../src/engine/select.ts'
import { make, registerEnvironment } from '../../src/env/registry.ts'
import { withReward } from '../../src/env/wrappers.ts'
import { RunDirectory } from '../../src/runs/run-directory.ts'
import { AllReduce, allocateShared } from '../../src/training/all-reduce.ts'
import { Learner } from '../../src/training/learner.ts'
import { createPlan, epochSize, firstVectors } from '../../src/training/plan.ts'
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

test('an epoch has as many iterations as it takes to show every item, the last of them smaller', async () => {
  const sizes = (epochItems: number) => epochSize(smallConfig({ training: { epochItems, batchSize: 64 } }), 54_000)
  assert.equal(
    [64, 65, 100, 128].map((items) => sizes(items)),
    [
      { items: 64, iterations: 1 },
      { items: 65, iterations: 2 },
      { items: 100, iterations: 2 },
      { items: 128, iterations: 2 },
    ],
  )
  assert.equal(epochSize(smallConfig({ training: { epochItems: 99_999 } }), 100), { items: 100, iterations: 2 })
})

test('the moving average keeps so much of itself at every step, and takes the rest from the parameters', async () => {
  const after = async (iterations: number): Promise<Readonly<Record<string, Float32Array>>> => {
    const config = smallConfig({ training: { epochs: 2, epochItems: 128, averaging: 0.75, engine: 'cpu' } })
    const length = lengthOf(createPlan(config).agent.layout)
    const { engine } = await selectEngine('cpu')
    const learner = new Learner(config, engine, new AllReduce(allocateShared(1, length), 0))
    learner.write(firstVectors(config, learner.plan), 0)
    await learner.train(0, 0, iterations)
    const { vectors } = await learner.read()
    learner.dispose()
    return vectors
  }
  const [start, once, twice] = [await after(0), await after(1), await after(2)]
  assert.equal(start.average, start.parameters)
  let moved = 0
  for (const [i, first] of start.parameters!.entries()) {
    const expected = 0.75 * (0.75 * first + 0.25 * once.parameters![i]!) + 0.25 * twice.parameters![i]!
    assert.ok(Math.abs(twice.average![i]! - expected) < 1e-6, `${i}: ${twice.average![i]}, expected ${expected}`)
    if (Math.abs(first - twice.parameters![i]!) > 1e-4) moved++
  }
  assert.ok(moved > 1000, `${moved} parameters have moved`)
})

test('patience shorter than the time between evaluations waits for the next one', async () => {
  // evaluated after epochs 3, 6 and 9: after 6 the best is 3 epochs old, and it ends there
  const config = smallConfig({
    training: {
      ...{ epochs: 9, patience: 1, evaluateEvery: 3, learningRate: 1e-12, schedule: 'constant', epochItems: 64 },
      evaluationItems: 20,
    },
  })
  const { records, summary } = await trainOnce(config)
  assert.equal(
    records.flatMap(({ epoch, validation }) => (validation ? [epoch] : [])),
    [3, 6],
  )
  assert.equal([records.length, summary!.bestEpoch, summary!.epochs], [6, 3, 6])
})

test('the summary says how many items were tested', async () => {
  const { summary } = await trainOnce(smallConfig({ training: { epochs: 1, epochItems: 64, evaluationItems: 33 } }))
  assert.is(summary!.testItems, 33)
})

registerEnvironment({
  id: 'test/much-paid',
  description: 'a probe that pays tenfold, and a debt',
  options: z.strictObject({}),
  create: (_options, setting) =>
    withReward(make('probe/location', setting), ({ reward }) => reward.map((paid) => 10 * paid - 20)),
})

test('where returns leave [0, 1] the figures are mean returns, and more is better', async () => {
  const config = smallConfig({
    environment: { id: 'test/much-paid' },
    training: { epochs: 1, epochItems: 64, evaluationItems: 50 },
  })
  const { summary, records } = await trainOnce(config)
  const validation = records[0]!.validation!
  assert.is(summary!.measure, 'return')
  // each of two looks pays 10 (1 + x) / 4, and every step costs 20: from -60 to -50
  assert.ok(summary!.testError.greedy > -60 && summary!.testError.greedy < -50, `${summary!.testError.greedy}`)
  assert.ok(Math.abs(validation.error! + validation.return!) < 1e-9)
  assert.is(summary!.validationError, validation.error)
})

test.run()
