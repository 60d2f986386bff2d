// Everything that comes built in, by name. Importing this file registers it.

import { z } from 'zod'
import { a2c } from './algorithms/a2c.ts'
import { centre, random, rasterScan } from './algorithms/fixed-gaze.ts'
import { ppo } from './algorithms/ppo.ts'
import { registerAlgorithm } from './algorithms/registry.ts'
import { reinforce } from './algorithms/reinforce.ts'
import { rloo } from './algorithms/rloo.ts'
import { selectSplit } from './datasets/dataset.ts'
import { loadDataset } from './datasets/store.ts'
import { Classification, classificationOptions } from './env/classification.ts'
import { ProbeWorld, probes } from './env/probes.ts'
import { registerEnvironment } from './env/registry.ts'

const dataOption = z
  .string()
  .default('')
  .describe('directory with the four IDX files, plain or .gz; empty for the set that comes along')

const splitSeedOption = z
  .number()
  .int()
  .default(0)
  .describe('seed of the shuffle that sets images apart for validation')

registerEnvironment({
  id: 'MNIST',
  description: 'name the handwritten digit in a 28x28 image from 6 glimpses of 8x8',
  options: classificationOptions({ glimpses: 6, glimpseSide: 8, scales: 1 }).extend({
    data: dataOption,
    splitSeed: splitSeedOption,
  }),
  create({ data, splitSeed, ...options }, setting) {
    const set = selectSplit(loadDataset('mnist', { data }), setting.split, { splitSeed })
    return new Classification({ ...setting, id: 'MNIST', set, options })
  },
})

for (const probe of probes)
  registerEnvironment({
    id: probe.id,
    description: probe.description,
    options: z.strictObject({}),
    create: (_options, setting) => new ProbeWorld(probe, setting),
  })

registerAlgorithm(reinforce)
registerAlgorithm(a2c)
registerAlgorithm(ppo)
registerAlgorithm(rloo)
registerAlgorithm(random)
registerAlgorithm(centre)
registerAlgorithm(rasterScan)
