// The trained agent and the scenes that it looks at: `TrainedAgent` looks, as in any app; `classification` lays the digit into
// a scene as it did in training.

import '../../src/agent/builtin.ts'
import { UserError } from '../../src/core/errors.ts'
import { createEagerEngine } from '../../src/engine/eager.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { createWasmEngine } from '../../src/engine/wasm.ts'
import type { Picture } from '../../src/env/environment.ts'
import type { ImageSet } from '../../src/env/vision/image-set.ts'
import { type ClassificationOptions, classification } from '../../src/env/worlds/image-scenes.ts'
import type { Perception } from '../../src/env/worlds/perception.ts'
import type { AgentCard } from '../../src/inference/agent-file.ts'
import type { LookStep, TrainedAgent } from '../../src/inference/trained-agent.ts'
import { digitSide } from './digit.ts'

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

/** From the first glimpse to the last. */
export type Episode = { readonly picture: Picture; readonly looks: readonly LookStep[]; readonly milliseconds: number }

/** What can compute here, the one that is tried first first. */
export const backends = ['wasm', 'webgl', 'cpu'] as const
export type Backend = (typeof backends)[number]

const makers: Record<Backend, () => Promise<Engine>> = {
  async wasm() {
    const { prepare } = await import('./wasm.ts')
    prepare()
    return createWasmEngine()
  },
  async webgl() {
    await import('@tensorflow/tfjs-backend-webgl')
    return createEagerEngine('webgl', 'webgl', 'TensorFlow.js on the GPU')
  },
  async cpu() {
    await import('@tensorflow/tfjs-backend-cpu')
    return createEagerEngine('cpu', 'cpu', 'TensorFlow.js in plain JavaScript')
  },
}

/** An engine on a backend, or, where it does not start here, on the next; its name is that of the backend. */
export async function chooseEngine(wanted: Backend): Promise<Engine> {
  for (const name of [wanted, ...backends.filter((each) => each !== wanted)]) {
    try {
      return await makers[name]()
    } catch {
      // it does not start here: the next one
    }
  }
  throw new UserError('neither WebAssembly nor WebGL nor plain JavaScript computes here')
}

/** How many pieces of clutter an agent was trained among. */
export const clutterOf = ({ environment }: AgentCard): number => Number(environment.clutter ?? 0)

/** Have a scene looked at, from the first glimpse to the last, greedily. */
export async function play(agent: TrainedAgent, digits: Digits, request: Request): Promise<Episode> {
  const began = performance.now()
  const world = drawnWorld(agent.card, digits, request)
  const { location } = world.reset({ seed: request.first, items: [0] }).observation
  const picture = world.render(0)
  const { path } = await agent.look(picture, { start: [location[0]!, location[1]!] })
  return { picture, looks: path, milliseconds: performance.now() - began }
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
  const { canvasSide = digitSide, ...options } = card.environment as unknown as ClassificationOptions & {
    readonly canvasSide?: number
  }
  const blank = canvasSide === digitSide && clutter === 0
  return classification({
    ...{ id: 'drawn', set, split: 'test', batchSize: 1 },
    ...(!blank && { canvas: { side: canvasSide, clutter, pieceSide: 8 } }),
    options: { ...options, evaluationSeed: scatter },
  })
}
