// `npm run bench -- --canvases`: what an answer costs as the canvas grows, for an eye and for networks that see it whole.

import '../src/index.ts'
import { Rng } from '../src/core/rng.ts'
import { lengthOf } from '../src/core/tensors.ts'
import { selectEngine } from '../src/engine/select.ts'
import { completeConfig, type PartialConfig } from '../src/runs/config.ts'
import { EpisodeBatch, playThrough } from '../src/training/episode-batch.ts'
import { createPlan, firstVectors } from '../src/training/plan.ts'
import { actDefinition } from '../src/training/programs.ts'
import type { Asked } from './arguments.ts'
import { flopsOf } from './flops.ts'
import { head, row } from './table.ts'

const sides = [60, 100, 200, 400]
/** Images side by side: few enough that the widest network's windows fit in memory. */
const batch = 16

const whole = (side: number) => ({ glimpses: 1, glimpseSide: side, scales: 1, start: 'centre' }) as const

/** Who answers, on a canvas of that many pixels a side. */
const viewers: readonly { readonly name: string; readonly config: (side: number) => PartialConfig }[] = [
  {
    name: 'an eye: 8 glimpses 12x12, 4 scales',
    config: () => ({ environment: { scales: 4 } }),
  },
  {
    name: 'one convolution, of the paper',
    config: (side) => ({ environment: whole(side), agent: { name: 'convolutional' } }),
  },
  {
    name: 'six convolutions from 8 filters',
    config: (side) => ({ environment: whole(side), agent: { name: 'deep-convolutional', filters: 8 } }),
  },
]

/** Measure, and print Markdown. */
export async function benchCanvases({ quick }: Asked): Promise<void> {
  const seconds = quick ? 1 : 4
  const { engine } = await selectEngine('onnx')
  head(['who answers', 'canvas', 'parameters', 'MFLOP an image', 'ms an image', 'of it painting'])
  for (const { name, config } of viewers)
    for (const side of sides) {
      const { environment, ...rest } = config(side)
      const canvas = { id: 'ClutteredMNIST', canvasSide: side, clutter: 8 }
      const complete = completeConfig({ ...rest, environment: { ...canvas, ...environment } })
      const plan = createPlan(complete)
      const definition = actDefinition(plan, batch)
      const parameters = lengthOf(plan.agent.layout)
      const vector = engine.vector(parameters)
      vector.write(firstVectors(complete, plan).parameters!)
      const program = engine.compile(definition)
      const took = { all: Number.POSITIVE_INFINITY, painting: Number.POSITIVE_INFINITY }
      for (let n = 0, end = 0; n < 3 || performance.now() < end; n++) {
        if (n === 1) end = performance.now() + seconds * 1000 // the first compiles
        const items = Int32Array.from({ length: batch }, (_, b) => n * batch + b)
        const streams = Array.from(items, (item) => Rng.of(0, item))
        const began = performance.now()
        const episodes = new EpisodeBatch(
          plan,
          { greedy: true, std: 0.1, drawPredictions: false, streams },
          { seed: 1, items },
        )
        const painted = performance.now()
        await playThrough(program, vector, plan, episodes)
        took.painting = Math.min(took.painting, (painted - began) / batch)
        took.all = Math.min(took.all, (performance.now() - began) / batch)
      }
      program.dispose()
      vector.dispose()
      const flops = flopsOf(definition) / batch / 1e6
      row([
        name,
        `${side}x${side}`,
        parameters.toLocaleString('en'),
        flops.toFixed(1),
        took.all.toFixed(3),
        took.painting.toFixed(3),
      ])
    }
  engine.dispose()
}
