// The trained agent and the scenes that it looks at: `TrainedAgent` looks, as in any app; `classification` lays the digit into
// a scene as it did in training. Runs in a worker.

import { makeAlgorithm } from '../../src/algorithms/registry.ts'
import { Rng } from '../../src/core/rng.ts'
import type { Engine } from '../../src/engine/engine.ts'
import type { ImageSet } from '../../src/env/vision/image-set.ts'
import { type ClassificationOptions, classification } from '../../src/env/worlds/image-scenes.ts'
import type { Perception } from '../../src/env/worlds/perception.ts'
import { type AgentCard, decodeAgentFile } from '../../src/inference/agent-file.ts'
import { TrainedAgent } from '../../src/inference/trained-agent.ts'
import { digitSide } from './digit.ts'
import type { Digits, Episode, EyeName, SceneRequest, Spot } from './wire.ts'

/** An agent, ready to look. */
export class Looker {
  readonly card: AgentCard
  private readonly agent: TrainedAgent
  private readonly digits: Digits

  /** @throws UserError where the file is broken, or its agent needs more than an image. */
  constructor(file: Uint8Array, digits: Digits, engine: Engine) {
    this.agent = new TrainedAgent(decodeAgentFile(file, 'agent'), engine)
    this.card = this.agent.card
    this.digits = digits
  }

  /** Have a scene looked at, from the first glimpse to the last, greedily. */
  async play(request: SceneRequest): Promise<Episode> {
    const began = performance.now()
    const world = drawnWorld(this.card, this.digits, request)
    const { location } = world.reset({ seed: request.first, items: [0] }).observation
    const picture = world.render(0)
    const start: Spot = request.locations?.[0] ?? [location[0]!, location[1]!]
    const { eye = 'learned', locations = [start] } = request
    const given = eye === 'learned' ? locations : spotsOf(eye, start, this.agent.glimpses, request.first)
    const { path } = await this.agent.look(picture, { locations: given })
    return { picture, looks: path, milliseconds: performance.now() - began }
  }
}

/** Where the eye of a control looks, the first look given. */
function spotsOf(eye: Exclude<EyeName, 'learned'>, start: Spot, count: number, seed: number): Spot[] {
  const options = eye === 'raster' ? { columns: 3, rows: Math.max(1, Math.ceil((count - 1) / 3)) } : {}
  const sample = makeAlgorithm(eye, options).locationSampler!
  const rng = Rng.of(seed, 'many eyes')
  const spots: Spot[] = [start]
  for (let step = 0; step < count - 1; step++) {
    const next = new Float32Array(2)
    sample({ location: Float32Array.from(spots.at(-1)!), mean: new Float32Array(2), std: 1, step, rng }, next)
    spots.push([next[0]!, next[1]!])
  }
  return spots
}

/** A world of one digit, before the others, of which only pieces are shown. */
function drawnWorld(
  card: AgentCard,
  { images, labels }: Digits,
  { digit, clutter, scatter, place }: SceneRequest,
): Perception {
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
  const free = canvasSide - digitSide
  const corner = (middle: number): number =>
    Math.min(free, Math.max(0, Math.round(((middle + 1) / 2) * canvasSide - digitSide / 2)))
  return classification({
    ...{ id: 'drawn', set, split: 'test', batchSize: 1 },
    ...(!blank && {
      canvas: {
        ...{ side: canvasSide, clutter, pieceSide: 8 },
        place: place && { column: corner(place[0]), row: corner(place[1]) },
      },
    }),
    options: { ...options, evaluationSeed: scatter },
  })
}
