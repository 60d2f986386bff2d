// The networks that see the whole image: their sizes, what they are refused, and that a deep one learns.

import '@tensorflow/tfjs-backend-cpu'
import { randomUniform, setBackend, tensor, tidy, zeros } from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../../src/catalogue.ts'
import { makeAgent, type World } from '../../src/agent/registry.ts'
import { lengthOf, tensorsIn } from '../../src/core/tensors.ts'
import { Box, Discrete } from '../../src/env/spaces.ts'
import { completeConfig } from '../../src/runs/config.ts'
import { trainOnce } from '../training/help.ts'

await setBackend('cpu')

const worldOf = (side: number, scales = 1): World => ({
  observation: { glimpse: [scales, side, side, 1], location: [2] },
  heads: [
    { name: 'location', space: new Box(-1, 1, [2]) },
    { name: 'prediction', space: new Discrete(10) },
  ],
  horizon: 1,
})

test('six convolutions: as many parameters as counted by hand', () => {
  const { layout } = makeAgent('deep-convolutional', { filters: 2, units: 3 }, worldOf(17))
  // 17 -> 8, 4, 2 pixels; 4x4 then 3x3, filters 2, 2, 4, 4, 8, 8, each with its bias
  const convolutions = [16 * 1 * 2 + 2, 9 * 2 * 2 + 2, 16 * 2 * 4 + 4, 9 * 4 * 4 + 4, 16 * 4 * 8 + 8, 9 * 8 * 8 + 8]
  const dense = 2 * 2 * 8 * 3 + 3 + (3 * 10 + 10) + (3 + 1)
  assert.is(
    lengthOf(layout),
    convolutions.reduce((sum, n) => sum + n, dense),
  )
})

test('what a deep network sees at first is about as strong after six layers as before them', () => {
  const agent = makeAgent('deep-convolutional', { units: 64 }, worldOf(32))
  const outputs = tidy(() => {
    const parts = tensorsIn(agent.layout, agent.init(0))
    const parameters = Object.fromEntries(parts.map(({ name, shape, values }) => [name, tensor(values, [...shape])]))
    const seen = { glimpse: randomUniform([16, 1, 32, 32, 1], 0, 1, 'float32', 1), location: zeros([16, 2]) }
    return agent.step(parameters, seen as never, {}).heads.prediction!.dataSync() as Float32Array
  })
  const size = Math.sqrt(outputs.reduce((sum, x) => sum + x * x, 0) / outputs.length)
  // with first values of +-1/sqrt(fanIn) it would be a hundredth of that
  assert.ok(size > 0.05 && size < 2, `outputs of size ${size}`)
})

test('an image with scales, or too small to be halved so often, is refused in words', () => {
  for (const [world, given] of [
    [worldOf(28, 2), '2 scales and side 28'],
    [worldOf(7), '1 scales and side 7'],
  ] as const)
    assert.throws(
      () => makeAgent('deep-convolutional', {}, world),
      `agent deep-convolutional: a glimpse of ${given} given; it takes 1 scale of at least 8 pixels`,
    )
})

test('a deep network learns digits from few images', async () => {
  const { summary } = await trainOnce(
    completeConfig({
      environment: { id: 'MNIST', glimpses: 1, glimpseSide: 28, start: 'centre' },
      agent: { name: 'deep-convolutional', filters: 4, units: 32 },
      training: { epochs: 6, epochItems: 3000, batchSize: 32, workers: 1, evaluationItems: 500, evaluationRollouts: 1 },
    }),
  )
  assert.ok(summary!.testError.greedy < 15, `${summary!.testError.greedy} % wrong; chance is 90`)
})

test.run()
