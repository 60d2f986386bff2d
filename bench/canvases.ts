// `npm run bench -- --canvases`: what an answer costs as the canvas grows, for an eye and for networks that see it whole.

import '../src/index.ts'
import { Rng } from '../src/core/rng.ts'
import { lengthOf } from '../src/core/tensors.ts'
import type { Engine } from '../src/engine/engine.ts'
import { selectEngine } from '../src/engine/select.ts'
import { completeConfig, type PartialConfig, type RunConfig } from '../src/runs/config.ts'
import { EpisodeBatch, playThrough } from '../src/training/episode-batch.ts'
import { createPlan, firstVectors } from '../src/training/plan.ts'
import { actDefinition } from '../src/training/programs.ts'
import type { Asked } from './arguments.ts'
import { flopsOf } from './flops.ts'
import { head, row, whole } from './table.ts'

const sides = [60, 100, 200, 400]
/** Images side by side: few enough that the widest network's windows fit in memory. */
const batch = 16

const wholeCanvas = (side: number) => ({ glimpses: 1, glimpseSide: side, scales: 1, start: 'centre' }) as const

/** Who answers, on a canvas of that many pixels a side. */
const viewers: readonly { readonly name: string; readonly config: (side: number) => PartialConfig }[] = [
  {
    name: 'an eye: 8 glimpses 12x12, 4 scales',
    config: () => ({ environment: { scales: 4 } }),
  },
  {
    name: 'one convolution, of the paper',
    config: (side) => ({ environment: wholeCanvas(side), agent: { name: 'convolutional' } }),
  },
  {
    name: 'six convolutions from 8 filters',
    config: (side) => ({ environment: wholeCanvas(side), agent: { name: 'deep-convolutional', filters: 8 } }),
  },
]

/** Measure, and print Markdown. */
export async function benchCanvases({ quick }: Asked): Promise<void> {
  const { engine } = await selectEngine('onnx')
  head(['who answers', 'canvas', 'parameters', 'MFLOP an image', 'ms an image', 'of it painting'])
  for (const { name, config } of viewers)
    for (const side of sides) {
      const { environment, ...rest } = config(side)
      const canvas = { id: 'ClutteredMNIST', canvasSide: side, clutter: 8 }
      const cost = await costOf(
        completeConfig({ ...rest, environment: { ...canvas, ...environment } }),
        engine,
        quick ? 1 : 4,
      )
      const numbers = [cost.megaflops.toFixed(1), cost.all.toFixed(3), cost.painting.toFixed(3)]
      row([name, `${side}x${side}`, whole(cost.parameters), ...numbers])
    }
  engine.dispose()
}

/** Milliseconds an image, in all and until the first look, the best of some seconds; and what is multiplied. */
async function costOf(config: RunConfig, engine: Engine, seconds: number) {
  const plan = createPlan(config)
  const definition = actDefinition(plan, batch)
  const parameters = lengthOf(plan.agent.layout)
  const vector = engine.vector(parameters)
  vector.write(firstVectors(config, plan).parameters!)
  const program = engine.compile(definition)
  let [all, painting] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let n = 0, end = 0; n < 3 || performance.now() < end; n++) {
    if (n === 1) end = performance.now() + seconds * 1000 // the first compiles
    const items = Int32Array.from({ length: batch }, (_, b) => (n * batch + b) % plan.environment.itemCount)
    const options = {
      greedy: true,
      std: 0,
      drawPredictions: false,
      streams: Array.from(items, (item) => Rng.of(0, item)),
    }
    const began = performance.now()
    const episodes = new EpisodeBatch(plan, options, { seed: 1, items })
    painting = Math.min(painting, performance.now() - began)
    await playThrough(program, vector, plan, episodes)
    all = Math.min(all, performance.now() - began)
  }
  program.dispose()
  vector.dispose()
  return { parameters, megaflops: flopsOf(definition) / batch / 1e6, all: all / batch, painting: painting / batch }
}
