// The trained agent and its world, as they are in training: `createRam` decides, `classification` shows; here they only
// meet. The agent comes as one safetensors file, its options in the metadata.

import { setBackend, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core'
import { initialState } from '../../src/agent/agent.ts'
import { softmaxRows } from '../../src/agent/heads.ts'
import { createRam } from '../../src/agent/ram.ts'
import type { Tensors } from '../../src/core/tensors.ts'
import type { Observation, Picture } from '../../src/env/environment.ts'
import type { ImageSet } from '../../src/env/vision/image-set.ts'
import { classification } from '../../src/env/worlds/image-scenes.ts'
import type { Perception } from '../../src/env/worlds/perception.ts'
import { decodeSafetensors, type TensorFile } from '../../src/runs/safetensors.ts'
import { worldOf } from '../../src/training/plan.ts'
import type { Spot } from '../scene.ts'
import type { AgentCard } from './card.ts'
import { digitSide } from './digit.ts'

/** An agent, ready to look. */
export type Mind = { readonly card: AgentCard; readonly file: TensorFile }

/** Digits to pick from; pieces of them are the clutter. */
export type Digits = {
  /** uint8 [N, 28, 28]. */
  readonly images: Uint8Array
  /** uint8 [N]. */
  readonly labels: Uint8Array
}

/** What is put before the eye. */
export type Request = {
  /** uint8 [28, 28]. */
  readonly digit: Uint8Array
  /** Pieces of other digits strewn about it. */
  readonly clutter: number
  /** Decides where the clutter lies, and the digit where the scene is larger. */
  readonly scatter: number
  /** Decides where the first look goes. */
  readonly first: number
}

/** One glimpse and what the agent makes of it. */
export type Look = {
  readonly location: Spot
  /** float32 [S, G, G, 1]. */
  readonly glimpse: Float32Array
  /** float32 [10]: the probability of every digit. */
  readonly belief: Float32Array
}

/** Everything that happened from the first look to the last. */
export type Episode = { readonly picture: Picture; readonly looks: readonly Look[]; readonly milliseconds: number }

/** @throws Error where it is no agent of ours. */
export function readMind(bytes: Uint8Array): Mind {
  const file = decodeSafetensors(bytes, 'agent.safetensors')
  const card = file.metadata.agent
  if (card === undefined) throw new Error('agent.safetensors says nothing of its agent')
  return { card: JSON.parse(card) as AgentCard, file }
}

/** What can compute here, the one that is tried first first. */
export const backends = ['wasm', 'webgl', 'cpu'] as const
export type Backend = (typeof backends)[number]

const loaders: Record<Backend, () => Promise<unknown>> = {
  wasm: async () => (await import('./wasm.ts')).prepare(),
  webgl: () => import('@tensorflow/tfjs-backend-webgl'),
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
}

/** Compute with a backend, or, where it does not start here, with the next. @returns the one that does. */
export async function chooseBackend(wanted: Backend): Promise<Backend> {
  for (const name of [wanted, ...backends.filter((each) => each !== wanted)]) {
    try {
      await loaders[name]()
      if (await setBackend(name)) return name
    } catch {
      // it does not start here: the next one
    }
  }
  throw new Error('neither WebAssembly nor WebGL nor plain JavaScript computes here')
}

/** Look at a scene from the first glimpse to the last, greedily: mean locations, and the likeliest digit. */
export async function play({ card, file }: Mind, digits: Digits, request: Request): Promise<Episode> {
  const began = performance.now()
  const world = drawnWorld(card, digits, request)
  const { shape } = world.observationSpace.glimpse
  const agent = createRam(card.agent, worldOf(world))
  const parameters = tidy(
    (): Tensors =>
      Object.fromEntries(file.tensors.map(({ name, shape, values }) => [name, tensor(values, [...shape])])),
  )
  let state = initialState(agent, 1)
  let { observation } = world.reset({ seed: request.first, items: [0] })
  const picture = world.render(0)
  const looks: Look[] = []
  for (let t = 0; t < world.horizon; t++) {
    const { heads, value, state: next } = tidy(() => agent.step(parameters, tensorsOf(observation, shape), state))
    const [mean, logits, stop] = await Promise.all(
      [heads.location!, heads.prediction!, ...(heads.stop ? [heads.stop] : [])].map((x: Tensor) => x.data<'float32'>()),
    )
    for (const old of [...Object.values(state), ...Object.values(heads), value]) old.dispose()
    state = next
    const belief = softmaxRows(Float32Array.from(logits!), 10)
    const [x, y] = observation.location
    looks.push({ location: [x!, y!], glimpse: observation.glimpse, belief })
    if (stop && stop[1]! > stop[0]!) break
    const prediction = Int32Array.of(belief.indexOf(Math.max(...belief)))
    const action = { location: Float32Array.from(mean!), prediction, probabilities: belief }
    ;({ observation } = world.step({ ...action, ...(stop && { stop: Int32Array.of(0) }) }))
  }
  for (const each of [...Object.values(state), ...Object.values(parameters)]) each.dispose()
  return { picture, looks, milliseconds: performance.now() - began }
}

/** A world of one digit, before the others, of which only pieces are shown. */
function drawnWorld(card: AgentCard, { images, labels }: Digits, { digit, clutter, scatter }: Request): Perception {
  const all = new Uint8Array(digit.length + images.length)
  all.set(digit)
  all.set(images, digit.length)
  const set: ImageSet = {
    ...{ name: 'digits', height: digitSide, width: digitSide, channels: 1 },
    images: all,
    labels: Uint8Array.of(0, ...labels),
    classNames: Array.from({ length: 10 }, (_, k) => String(k)),
    indices: Int32Array.from({ length: labels.length + 1 }, (_, i) => i),
  }
  const canvas = { side: card.side, clutter, pieceSide: card.pieceSide }
  const blank = card.side === digitSide && clutter === 0
  return classification({
    ...{ id: 'drawn', set, split: 'test', batchSize: 1 },
    ...(!blank && { canvas }),
    options: { ...card.environment, evaluationSeed: scatter },
  })
}

function tensorsOf(
  { glimpse, location }: Observation,
  shape: readonly number[],
): { glimpse: Tensor; location: Tensor } {
  return { glimpse: tensor(glimpse, [1, ...shape]), location: tensor(location, [1, 2]) }
}
