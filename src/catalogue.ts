// Everything that comes built in, by name. Importing this file registers it; the worlds of images get theirs from disk.

import './agent/builtin.ts'
import './algorithms/builtin.ts'
import { loadSplit } from './datasets/store.ts'
import './env/worlds/builtin.ts'
import { registerImageWorlds } from './env/worlds/image-worlds.ts'

registerImageWorlds(loadSplit)
