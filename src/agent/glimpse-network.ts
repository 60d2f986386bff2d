// The glimpse network (Mnih et al. 2014, section 3): what is seen, by dense layers or convolutions, and where, joined.

import {
  add,
  div,
  mean,
  mul,
  relu,
  reshape,
  scalar,
  sqrt,
  square,
  sub,
  type Tensor,
  type Tensor2D,
  tensor1d,
} from '@tensorflow/tfjs-core'
import { OptionError } from '../core/errors.ts'
import { sizeOf, type Tensors } from '../core/tensors.ts'
import type { ObservationTensors } from './agent.ts'
import { convolutionParameters, convolveRelu, dense, denseParameters, denseRelu, type Parameter } from './networks.ts'
import type { RamOptions } from './ram-options.ts'
import type { World } from './registry.ts'

/** The glimpse network of an agent. */
export type GlimpseNetwork = {
  readonly parameters: readonly Parameter[]
  /** The glimpse in a row, normalised as the options say: [B, S, G, G, C] -> [B, S*G*G*C]. */
  pixels(glimpse: Tensor): Tensor2D
  /**
   * What and where (and whatever else is observed), joined: ReLU(Lin(h_g) + Lin(h_l)), [B, featureUnits]. Another glimpse,
   * one that is to be found say, is seen by the same weights, and beside the glimpse: by itself, and by what both have in common.
   */
  features(parameters: Tensors, pixels: Tensor2D, observation: ObservationTensors): Tensor
}

/** The glimpse network for a world. @throws OptionError where a glimpse is too small for the convolutions. */
export function createGlimpseNetwork(options: RamOptions, world: World): GlimpseNetwork {
  const { whatUnits, whereUnits, featureUnits, whatLayers } = options
  const convolutions = convolutionsOf(options, world)
  const inputs = whatInputs(convolutions, world)
  const further = furtherOf(world)
  const pixels = (glimpse: Tensor): Tensor2D => normalised(options, world, glimpse)

  /** What is seen in a glimpse, or in what looks like one: [B, whatUnits]. */
  function seenIn(p: Tensors, pixels: Tensor2D): Tensor2D {
    const filtering = convolutions.length > 0 ? filtered(p, pixels, convolutions, world) : pixels
    return Array.from({ length: whatLayers }).reduce<Tensor2D>(
      (what, _, layer) => denseRelu(p, whatName(layer), what),
      filtering,
    )
  }

  const parameters = [
    ...convolutions.flatMap(({ name, channels, filters }) =>
      convolutionParameters(name, filterSide, channels, filters),
    ),
    ...Array.from({ length: whatLayers }, (_, layer) =>
      denseParameters(whatName(layer), layer === 0 ? inputs : whatUnits, whatUnits),
    ).flat(),
    ...denseParameters('glimpse.where', world.observation.location[0]!, whereUnits),
    ...denseParameters('glimpse.fromWhat', whatUnits, featureUnits),
    ...denseParameters('glimpse.fromWhere', whereUnits, featureUnits),
    ...further.flatMap(({ name, size, alike }) =>
      alike
        ? [
            ...denseParameters(`glimpse.from.${name}`, whatUnits, featureUnits),
            ...denseParameters(`glimpse.common.${name}`, whatUnits, featureUnits),
          ]
        : [
            ...denseParameters(`observation.${name}`, size, whereUnits),
            ...denseParameters(`glimpse.from.${name}`, whereUnits, featureUnits),
          ],
    ),
  ]

  function features(p: Tensors, seen: Tensor2D, observation: ObservationTensors): Tensor {
    const what = seenIn(p, seen)
    const where = denseRelu(p, 'glimpse.where', observation.location)
    let joined: Tensor = add(dense(p, 'glimpse.fromWhat', what), dense(p, 'glimpse.fromWhere', where))
    for (const { name, size, alike } of further) {
      const other = alike
        ? seenIn(p, pixels(observation[name]!))
        : denseRelu(p, `observation.${name}`, reshape(observation[name]!, [-1, size]))
      joined = add(joined, dense(p, `glimpse.from.${name}`, other))
      if (alike) joined = add(joined, dense(p, `glimpse.common.${name}`, mul(what, other)))
    }
    return relu(joined)
  }

  return { parameters, pixels, features }
}

/** The glimpse in a row, normalised as the options say: [B, S, G, G, C] -> [B, S*G*G*C]. */
function normalised({ glimpseInput, glimpseGain, scaleGain }: RamOptions, world: World, glimpse: Tensor): Tensor2D {
  const { glimpse: shape } = world.observation
  const size = sizeOf(shape)
  let pixels: Tensor = reshape(glimpse, [-1, size])
  if (glimpseInput !== 'raw') {
    const scales = reshape(glimpse, [-1, shape[0]!, size / shape[0]!])
    const centred = sub(scales, mean(scales, -1, true))
    const deviation = add(sqrt(mean(square(centred), -1, true)), faintest)
    pixels = reshape(glimpseInput === 'standardised' ? div(centred, deviation) : centred, [-1, size])
  }
  if (scaleGain === 1) return (glimpseGain === 1 ? pixels : mul(pixels, scalar(glimpseGain))) as Tensor2D
  const gains = Float32Array.from(
    { length: size },
    (_, i) => glimpseGain * scaleGain ** Math.floor((i * shape[0]!) / size),
  )
  return mul(pixels, tensor1d(gains))
}

/** A contrast of this size is not made larger: half a grey level. */
const faintest = 0.5 / 255

/** What the convolutions make of every scale, in a row: [B, S*G*G*C] -> [B, whatInputs]. */
function filtered(p: Tensors, pixels: Tensor2D, convolutions: readonly Convolution[], world: World): Tensor2D {
  let image: Tensor = reshape(pixels, [-1, ...world.observation.glimpse.slice(1)])
  for (const { name } of convolutions) image = convolveRelu(p, name, image, filterSide, filterSide / 2)
  return reshape(image, [-1, whatInputs(convolutions, world)]) as Tensor2D
}

/** What is observed besides glimpse, location and context: its name, how many numbers it has, whether it has a glimpse's shape. */
const furtherOf = ({
  observation,
}: World): { readonly name: string; readonly size: number; readonly alike: boolean }[] =>
  Object.entries(observation)
    .filter(([name]) => name !== 'glimpse' && name !== 'location' && name !== 'context')
    .map(([name, shape]) => ({ name, size: sizeOf(shape), alike: `${shape}` === `${observation.glimpse}` }))

type Convolution = { readonly name: string; readonly channels: number; readonly filters: number; readonly side: number }

/** Pixels; filters stand half of it apart. */
const filterSide = 4

/**
 * The convolutions over one scale of a glimpse, with the side of the image that each leaves: two, or one where no second fits.
 * @throws RangeError where not even one does.
 */
function convolutionsOf({ whatFilters }: RamOptions, { observation }: World): Convolution[] {
  const found: Convolution[] = []
  let [, side, , channels] = observation.glimpse as [number, number, number, number]
  if (whatFilters > 0 && side < filterSide)
    throw new OptionError(
      `agent ram: whatFilters ${whatFilters} on a glimpse of side ${side} given; filters are ${filterSide} wide: add --glimpse-side ${filterSide} or more, or --what-filters 0`,
    )
  for (let layer = 0; whatFilters > 0 && layer < 2 && side >= filterSide; layer++) {
    const filters = whatFilters << layer
    side = Math.floor(side / 2) - 1
    found.push({ name: `glimpse.filters${layer + 1}`, channels, filters, side })
    channels = filters
  }
  return found
}

/** How many numbers the first layer of what units sees: those of the last convolution, or the glimpse's own. */
function whatInputs(convolutions: readonly Convolution[], { observation }: World): number {
  const last = convolutions.at(-1)
  return last ? observation.glimpse[0]! * last.side ** 2 * last.filters : sizeOf(observation.glimpse)
}

const whatName = (layer: number): string => (layer === 0 ? 'glimpse.what' : `glimpse.what${layer + 1}`)
