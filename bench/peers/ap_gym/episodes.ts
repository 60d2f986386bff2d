// Episodes of random moves and predictions in our worlds, written down number by number for `compare.py` to play again in
// ap_gym. Safetensors: one file a world.
//   node --import tsx bench/peers/ap_gym/episodes.ts OUT.safetensors ID '{"option":1}' [EPISODES]

import { writeFileSync } from 'node:fs'
import '../../../src/catalogue.ts'
import { headOf } from '../../../src/agent/heads.ts'
import { Rng } from '../../../src/core/rng.ts'
import { make } from '../../../src/env/registry.ts'
import type { SpaceValues } from '../../../src/env/spaces.ts'
import { encodeSafetensors, type NamedTensor } from '../../../src/runs/safetensors.ts'

const [out = '', id = '', options = '{}', episodes = '1000'] = process.argv.slice(2)
const count = Number(episodes)
const given = JSON.parse(options) as Record<string, unknown>
const world = make(id, { ...given, split: 'test', batchSize: count })
const space = world.predictionSpace!
const head = headOf(space)
const rng = Rng.of(0, 'peer', id)

/** What is written down: arrays of steps, joined over time, [T, B, ...]. */
const kept = new Map<string, { readonly shape: readonly number[]; readonly steps: SpaceValues[] }>()
const keep = (name: string, shape: readonly number[], values: SpaceValues): void => {
  if (!kept.has(name)) kept.set(name, { shape, steps: [] })
  kept.get(name)!.steps.push(values)
}
const keepObservation = (observation: Readonly<Record<string, Float32Array>>): void => {
  for (const [name, { shape }] of Object.entries(world.observationSpace)) keep(name, shape, observation[name]!)
}

const items = Float64Array.from({ length: count }, () => rng.integer(world.itemCount))
const start = world.reset({ seed: 1, items })
keepObservation(start.observation)
const { height, width, channels } = world.render!(0)
const images = Int32Array.from(Array.from({ length: count }, (_, b) => [...world.render!(b).pixels]).flat())

for (let t = 0; t < world.horizon; t++) {
  const location = world.actionSpace.location!.sample(rng, count) as Float32Array
  const outputs = Float32Array.from({ length: count * head.outputs() }, () => rng.normal())
  const prediction = space.kind === 'box' ? outputs : new Int32Array(count)
  const probabilities = head.probabilities(outputs)
  const step = world.step({ location, prediction, ...(probabilities && { probabilities }) })
  keep('move', [2], location)
  keep('outputs', [head.outputs()], outputs)
  keep('reward', [], step.reward)
  keep('terminated', [], Int32Array.from(step.terminated))
  if (t < world.horizon - 1) keepObservation(step.observation)
}

const joined = (steps: readonly SpaceValues[]): SpaceValues => {
  const { length } = steps[0]!
  const all =
    steps[0] instanceof Float32Array ? new Float32Array(steps.length * length) : new Int32Array(steps.length * length)
  for (const [t, values] of steps.entries()) all.set(values, t * length)
  return all
}
const tensors: NamedTensor[] = [
  { name: 'items', shape: [count], values: Int32Array.from(items) },
  { name: 'target', shape: [count, ...space.shape], values: start.info.target! },
  ...(id === 'CircleSquare' ? [] : [{ name: 'images', shape: [count, height, width, channels], values: images }]),
  ...Array.from(kept, ([name, { shape, steps }]) => ({
    name,
    shape: [steps.length, count, ...shape],
    values: joined(steps),
  })),
]
writeFileSync(out, encodeSafetensors({ tensors, metadata: { id, options } }))
