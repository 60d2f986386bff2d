// The built-in worlds that need no data. Importing this file registers them; it runs in a browser too.

import { z } from 'zod'
import { registerFrom } from '../../core/registry.ts'
import { registerEnvironment } from '../registry.ts'
import { Catch, catchOptions } from './catch.ts'
import { ProbeWorld, probes } from './probes.ts'

const registration = registerFrom('built-in')

registerEnvironment({
  id: 'Catch',
  description: 'move a paddle under a falling ball on a 24x24 screen seen through a retina of 6x6 at 3 scales',
  options: catchOptions,
  recipe: {
    agent: {
      glimpseGain: 128, // a ball of one pixel is a faint spot in a coarse cell
      detach: 'locator', // whose noise, 1 / std, would drown what moves and wins have to tell the core
    },
    algorithm: {
      name: 'ppo',
      policyWeight: 1,
      baselineWeight: 10, // a win is rare at first, and its expectation is what moves are learned from
      normaliseAdvantages: true,
      lambda: 0.8,
      entropyWeight: 0.03, // with less entropy the moves settle before any is known to be good
    },
    training: { epochs: 60, batchSize: 256 },
  },
  create: (options, setting) => new Catch('Catch', options, setting),
})

for (const probe of probes)
  registerEnvironment({
    id: probe.id,
    description: probe.description,
    options: z.strictObject({}),
    create: (_options, setting) => new ProbeWorld(probe, setting),
  })

registration.done()
