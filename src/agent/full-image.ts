// Controls that see the whole image at once: the fully connected and the convolutional networks of the paper's tables, and a
// deeper one of today. As agents of one glimpse that is as wide as the image they train and are measured like the others.

import { pad, reshape, type Tensor, type Tensor1D, zeros } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { OptionError } from '../core/errors.ts'
import { sizeOf, stopGradient, type Tensors } from '../core/tensors.ts'
import type { Agent, ObservationTensors } from './agent.ts'
import { headOf } from './heads.ts'
import {
  convolutionParameters,
  convolveRelu,
  dense,
  denseParameters,
  denseRelu,
  heUniform,
  initialise,
  type Parameter,
} from './networks.ts'
import type { AgentDefinition, World } from './registry.ts'

const units = z.int().min(1).max(4096).default(256).describe('ReLU units of a hidden layer (paper: 64 or 256)')

const connectedOptions = z.strictObject({
  units,
  layers: z.int().min(1).max(8).default(2).describe('hidden layers (paper: 2)'),
})

/** The paper's `FC, 2 layers`. */
export const fullyConnected: AgentDefinition<typeof connectedOptions> = {
  name: 'connected',
  description:
    'hidden ReLU layers over the whole image, no attention: give it --glimpses 1 --start centre and a glimpse as wide as the image',
  options: connectedOptions,
  create({ units, layers }, world) {
    const inputs = sizeOf(world.observation.glimpse)
    const hidden = Array.from({ length: layers }, (_, i) => `hidden${i + 1}`)
    const parameters = hidden.flatMap((name, i) => denseParameters(name, i === 0 ? inputs : units, units))
    const see = (p: Tensors, { glimpse }: ObservationTensors): Tensor =>
      hidden.reduce<Tensor>((x, name) => denseRelu(p, name, x), reshape(glimpse, [-1, inputs]))
    return classifier(`connected ${layers}x${units}`, parameters, units, see, world)
  },
}

const convolutionalOptions = z.strictObject({
  filters: z.int().min(1).max(1024).default(8).describe('filters of the convolution (paper: 8)'),
  filterSide: z.int().min(1).max(256).default(10).describe('side of a filter in pixels (paper: 10)'),
  stride: z.int().min(1).max(256).default(5).describe('pixels between the places of a filter (paper: 5)'),
  units,
})

/** The paper's convolutional network: one layer of filters, one of units. Places that would leave the image are left out. */
export const convolutional: AgentDefinition<typeof convolutionalOptions> = {
  name: 'convolutional',
  description:
    'one convolution and one hidden layer over the whole image, no attention: give it --glimpses 1 --start centre and a glimpse as wide as the image',
  options: convolutionalOptions,
  create({ filters, filterSide, stride, units }, world) {
    const [side, channels] = wholeImage('convolutional', world, filterSide)
    const places = Math.floor((side - filterSide) / stride) + 1
    const parameters = [
      ...convolutionParameters('filters', filterSide, channels, filters),
      ...denseParameters('hidden', places * places * filters, units),
    ]
    const see = (p: Tensors, { glimpse }: ObservationTensors): Tensor => {
      const features = convolveRelu(p, 'filters', reshape(glimpse, [-1, side, side, channels]), filterSide, stride)
      return denseRelu(p, 'hidden', reshape(features, [-1, places * places * filters]))
    }
    return classifier(`convolutional ${filters} of ${filterSide}x${filterSide}`, parameters, units, see, world)
  },
}

const deepOptions = z.strictObject({
  filters: z
    .int()
    .min(1)
    .max(512)
    .default(16)
    .describe('filters of the first two convolutions, twice as many in the next two, and so on'),
  layers: z
    .int()
    .min(1)
    .max(10)
    .default(6)
    .describe('convolutions, each second of them 4x4 and 2 pixels apart, from the first on, the others 3x3'),
  units,
})

/** A row and a column of zeros on every side of images [B, H, W, C]. */
const aroundImage: [number, number][] = [
  [0, 0],
  [1, 1],
  [1, 1],
  [0, 0],
]

/** A deeper convolutional network than the paper had: zeros around every layer, so that nothing is left out but an odd last row. */
export const deepConvolutional: AgentDefinition<typeof deepOptions> = {
  name: 'deep-convolutional',
  description:
    'six convolutions and one hidden layer over the whole image, no attention: give it --glimpses 1 --start centre and a glimpse as wide as the image',
  options: deepOptions,
  create({ filters, layers, units }, world) {
    const [side, channels] = wholeImage('deep-convolutional', world, 2 ** Math.ceil(layers / 2))
    const convolutions = Array.from({ length: layers }, (_, i) => ({
      name: `filters${i + 1}`,
      filterSide: i % 2 === 0 ? 4 : 3,
      stride: i % 2 === 0 ? 2 : 1,
      filters: filters * 2 ** Math.floor(i / 2),
    }))
    const width = convolutions.reduce((pixels, { stride }) => Math.floor(pixels / stride), side)
    const features = width * width * convolutions.at(-1)!.filters
    const parameters = [
      ...convolutions.flatMap(({ name, filterSide, filters }, i) =>
        convolutionParameters(name, filterSide, convolutions[i - 1]?.filters ?? channels, filters, heUniform),
      ),
      ...denseParameters('hidden', features, units, heUniform(features)),
    ]
    const see = (p: Tensors, { glimpse }: ObservationTensors): Tensor => {
      let image: Tensor = reshape(glimpse, [-1, side, side, channels])
      for (const { name, filterSide, stride } of convolutions)
        image = convolveRelu(p, name, pad(image, aroundImage), filterSide, stride)
      return denseRelu(p, 'hidden', reshape(image, [-1, features]))
    }
    return classifier(`deep-convolutional, ${layers} layers from ${filters} filters`, parameters, units, see, world)
  },
}

/** Side and channels of the image that an agent sees whole. @throws OptionError where it is shown otherwise, or too small. */
function wholeImage(name: string, { observation }: World, least: number): [side: number, channels: number] {
  const [scales, side, , channels] = observation.glimpse as [number, number, number, number]
  if (scales !== 1 || side < least)
    throw new OptionError(
      `agent ${name}: a glimpse of ${scales} scales and side ${side} given; it takes 1 scale of at least ${least} pixels: add --scales 1 and a wider --glimpse-side`,
    )
  return [side, channels]
}

/** An agent that looks nowhere in particular: features, and on them every head but the location's, and the baseline. */
function classifier(
  description: string,
  body: readonly Parameter[],
  features: number,
  see: (parameters: Tensors, observation: ObservationTensors) => Tensor,
  { observation, heads }: World,
): Agent {
  const learned = heads.filter(({ name }) => name !== 'location')
  const parameters = [
    ...body,
    ...learned.flatMap(({ name, space, kind }) => denseParameters(name, features, headOf(space, kind).outputs())),
    ...denseParameters('baseline', features, 1),
  ]
  return {
    description: `${description}, image [${observation.glimpse}], ${learned.map(({ name }) => name).join(', ')}`,
    layout: parameters.map(({ name, shape }) => ({ name, shape })),
    state: {},
    init: (seed) => initialise(parameters, seed),
    step(p, seen) {
      const found = see(p, seen)
      const outputs = heads.map(({ name, space, kind }) => [
        name,
        name === 'location' ? zeros([seen.location.shape[0]!, headOf(space, kind).outputs()]) : dense(p, name, found),
      ])
      return {
        heads: Object.fromEntries(outputs),
        value: reshape(dense(p, 'baseline', stopGradient(found)), [-1]) as Tensor1D,
        state: {},
      }
    },
  }
}
