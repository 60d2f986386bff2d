// Every algorithm at the smallest sizes that there are: one glimpse, one image, one class, one rollout.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../algorithms/laboratory.ts'
import './worlds.ts'
import { algorithms } from '../../src/algorithms/registry.ts'
import { completeConfig, type PartialConfig } from '../../src/runs/config.ts'
import { trainOnce } from './help.ts'

const agent = { whatUnits: 1, whereUnits: 1, featureUnits: 1, hiddenUnits: 1, locatorUnits: 0 }

const sizes: Readonly<Record<string, PartialConfig>> = {
  'one glimpse': { environment: { id: 'test/shades', glimpses: 1 } },
  'one glimpse, with a stop': { environment: { id: 'test/shades', glimpses: 1, stop: true } },
  'one episode a batch': { environment: { id: 'test/shades' }, training: { batchSize: 1 } },
  'one image of one class': { environment: { id: 'test/nothing-to-choose' } },
  'one number to predict': { environment: { id: 'test/one-light', reward: 'gain' } },
  'one of everything': {
    environment: { id: 'test/nothing-to-choose', glimpses: 1, glimpseSide: 1, stop: true, reward: 'gain' },
    training: { batchSize: 1, epochs: 1 },
  },
  'one glimpse that is cut off': { environment: { id: 'test/cut-off', glimpses: 4, glimpseSide: 1 } },
}

for (const name of algorithms.names())
  for (const supervision of ['last', 'none'])
    test(`${name}, supervision ${supervision}: trains and is tested at every smallest size`, async () => {
      for (const [size, { environment, training }] of Object.entries(sizes)) {
        const { summary, records } = await trainOnce(
          completeConfig({
            environment: environment!,
            agent,
            algorithm: { name, supervision },
            training: {
              ...{
                epochs: 2,
                epochItems: 3,
                batchSize: 2,
                rollouts: name === 'rloo' ? 2 : 1,
                engine: 'cpu',
                workers: 1,
              },
              ...{ evaluationItems: 2, evaluationRollouts: 1 },
              ...training,
            },
          }),
        )
        for (const [metric, value] of Object.entries(records.at(-1)!.train))
          assert.ok(Number.isFinite(value), `${size}: ${metric} ${value}`)
        assert.ok(Number.isFinite(summary!.testError.averaged), size)
        if (environment!.id === 'test/nothing-to-choose') assert.is(summary!.testError.greedy, 0, size)
      }
    })

test.run()
