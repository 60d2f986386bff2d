// An agent of one's own, whose memory is a sum: each glimpse, and where it was taken, becomes features that are added to those
// of the glimpses before; every head is a linear layer over the sum.
//   npm run train -- --import ./examples/own-agent.ts --agent summing --quick

import { add, relu, reshape, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core'
import {
  type Agent,
  dense,
  denseParameters,
  denseRelu,
  headOf,
  initialise,
  registerAgent,
  sizeOf,
  stopGradient,
  type World,
  z,
} from 'saccade'

const options = z.strictObject({
  units: z.int().min(1).default(256).describe('units that see a glimpse, and of the sum'),
})

function summing({ units }: z.infer<typeof options>, { observation, heads }: World): Agent {
  const pixels = sizeOf(observation.glimpse)
  const parameters = [
    ...denseParameters('what', pixels, units),
    ...denseParameters('joined.what', units, units),
    ...denseParameters('joined.where', sizeOf(observation.location), units),
    ...heads.flatMap(({ name, space, kind }) => denseParameters(`head.${name}`, units, headOf(space, kind).outputs())),
    ...denseParameters('baseline', units, 1),
  ]
  return {
    description: `summing ${units}`,
    layout: parameters.map(({ name, shape }) => ({ name, shape })),
    state: { sum: [units] },
    init: (seed) => initialise(parameters, seed),

    step(p, { glimpse, location }, { sum: before }) {
      const what = denseRelu(p, 'what', reshape(glimpse, [-1, pixels])) // [B, units]
      const seen = relu(add(dense(p, 'joined.what', what), dense(p, 'joined.where', location))) // [B, units]
      const sum: Tensor = add(before!, seen)
      // where to look is learned from what is there, and does not change it
      const frozen = stopGradient(sum)
      return {
        heads: Object.fromEntries(
          heads.map(({ name }) => [name, dense(p, `head.${name}`, name === 'location' ? frozen : sum)]),
        ),
        value: reshape(dense(p, 'baseline', frozen), [-1]) as Tensor1D, // [B]
        state: { sum },
      }
    },
  }
}

registerAgent({
  name: 'summing',
  description: 'a memory that is the sum of what was seen',
  options,
  create: summing,
})
