// The example of an algorithm of one's own, as somebody from outside would use it.

import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../../examples/own-algorithm.ts'
import { completeConfig, Trainer, UserError } from '../../src/index.ts'

test('the example is shorter than 60 lines', () => {
  const source = readFileSync(new URL('../../examples/own-algorithm.ts', import.meta.url), 'utf8')
  assert.ok(source.split('\n').length < 60)
})

test('an algorithm that was registered from outside learns, with options of its own', async () => {
  const config = completeConfig({
    environment: { id: 'probe/location' },
    agent: { whatUnits: 16, whereUnits: 16, featureUnits: 16, hiddenUnits: 16, locatorUnits: 16, detach: 'none' },
    algorithm: { name: 'goal', goal: 0.6, std: 0.4, finalStd: 0.2, policyWeight: 1 },
    training: {
      ...{ epochs: 1, epochItems: 64 * 96, batchSize: 64, learningRate: 5e-3, workers: 1 },
      ...{ evaluationItems: 300, evaluationRollouts: 1 },
    },
  })
  const trainer = await Trainer.create(config)
  const summary = await trainer.train()
  await trainer.dispose()
  assert.is(summary!.algorithm, 'goal')
  // a mean return of 0.95, where chance is 0.5
  assert.ok(summary!.testError.greedy < 5, `${summary!.testError.greedy}`)
})

test('its options are checked like those that are built in', () => {
  const given = { environment: { id: 'probe/location' }, algorithm: { name: 'goal', gaol: 1 } }
  assert.throws(
    () => completeConfig(given),
    (error: unknown) =>
      error instanceof UserError && error.message === 'algorithm goal: unknown option "gaol"; did you mean "goal"?',
  )
})

test.run()
