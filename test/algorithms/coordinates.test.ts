// Coordinates as a prediction: taught by squared distance, as a Gaussian with a learned spread, or by reward alone.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { z } from 'zod'
import '../../src/catalogue.ts'
import { registerEnvironment } from '../../src/env/registry.ts'
import { Box } from '../../src/env/spaces.ts'
import { Perception, perceptionOptions } from '../../src/env/worlds/perception.ts'
import { paintedScenes } from '../../src/env/worlds/scenes.ts'
import { completeConfig } from '../../src/runs/config.ts'
import type { Summary } from '../../src/runs/records.ts'
import { Trainer } from '../../src/training/trainer.ts'

const side = 8

/** A bright spot on one of 8x8 pixels, all of which a glimpse in the middle shows; to be named: where it is. */
registerEnvironment({
  id: 'test/spot',
  description: 'say where the spot is',
  options: z.strictObject({}),
  create(_options, { split, batchSize }) {
    const place = (index: number): number => (2 * index + 1) / side - 1
    const source = paintedScenes({
      ...{ height: side, width: side, channels: 1, itemCount: 4096, fixed: split === 'train' ? false : split },
      predictionSpace: new Box(-1, 1, [2]),
      paint: (_item, rng, out, at) => {
        const column = rng.integer(side)
        out[at + rng.integer(side) * side + column] = 255
      },
      answer: (_item, rng) => {
        const column = rng.integer(side)
        return [place(column), place(rng.integer(side))]
      },
    })
    const given = { glimpses: 1, glimpseSide: side, scales: 1, start: 'centre' }
    const options = perceptionOptions({ glimpses: 1, glimpseSide: side, scales: 1 }).parse(given)
    return new Perception({ id: 'test/spot', batchSize, source, options })
  },
})

async function train(algorithm: Record<string, unknown>, iterations: number): Promise<Summary> {
  const config = completeConfig({
    environment: { id: 'test/spot' },
    agent: { whatUnits: 32, whereUnits: 8, featureUnits: 32, hiddenUnits: 32, locatorUnits: 8 },
    algorithm: { name: 'reinforce', ...algorithm },
    training: {
      ...{ epochs: 1, epochItems: 64 * iterations, batchSize: 64, learningRate: 1e-2, workers: 1, engine: 'cpu' },
      ...{ evaluationItems: 200, evaluationRollouts: 2 },
    },
  })
  const trainer = await Trainer.create(config)
  try {
    return (await trainer.train())!
  } finally {
    await trainer.dispose()
  }
}

// the mean distance of the middle from a random pixel's middle is 0.76
for (const coordinates of ['squared', 'gaussian'])
  test(`coordinates taught ${coordinates} come near, and the figure is a distance`, async () => {
    const { measure, testError } = await train({ coordinates }, 60)
    assert.is(measure, 'distance')
    assert.ok(testError.greedy < 0.15, `greedy ${testError.greedy}`)
    assert.ok(Math.abs(testError.greedy - testError.averaged) < 1e-3, 'one glimpse, nothing drawn: averages agree')
  })

const drawn = { supervision: 'none', policyWeight: 1, std: 0.3, finalStd: 0.1 }

test('coordinates can be learned by reward alone, without a target in the loss', async () => {
  const { testError } = await train({ name: 'a2c', normaliseAdvantages: true, ...drawn }, 160)
  assert.ok(testError.greedy < 0.5, `greedy ${testError.greedy}`)
})

test.run()
