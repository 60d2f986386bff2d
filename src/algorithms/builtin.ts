// The built-in algorithms. Importing this file registers them.

import { registerFrom } from '../core/registry.ts'
import { a2c } from './a2c.ts'
import { centre, random, rasterScan } from './fixed-locations.ts'
import { ppo } from './ppo.ts'
import { registerAlgorithm } from './registry.ts'
import { reinforce } from './reinforce.ts'
import { rloo } from './rloo.ts'

const registration = registerFrom('built-in')

registerAlgorithm(reinforce)
registerAlgorithm(a2c)
registerAlgorithm(ppo)
registerAlgorithm(rloo)
registerAlgorithm(random)
registerAlgorithm(centre)
registerAlgorithm(rasterScan)

registration.done()
