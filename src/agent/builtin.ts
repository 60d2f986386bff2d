// The built-in agents. Importing this file registers them.

import { registerFrom } from '../core/registry.ts'
import { convolutional, deepConvolutional, fullyConnected } from './full-image.ts'
import { ram } from './ram.ts'
import { registerAgent } from './registry.ts'

const registration = registerFrom('built-in')

registerAgent(ram)
registerAgent(fullyConnected)
registerAgent(convolutional)
registerAgent(deepConvolutional)

registration.done()
