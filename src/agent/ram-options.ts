// What can be chosen of the Recurrent Attention Model: the paper's architecture, and where ours departs from it.

import { z } from 'zod'
import { coreNames } from './cores.ts'

const units = () => z.int().min(1).max(4096)

/** The architecture's sizes and choices; the paper's values are the defaults but where the description says so. */
export const ramOptions = z.strictObject({
  glimpseInput: z
    .enum(['raw', 'centred', 'standardised'])
    .default('raw')
    .describe(
      'raw: glimpses as they are (the paper); centred: minus the mean of each scale; standardised: that, divided by its standard deviation, for images of low contrast',
    ),
  glimpseGain: z
    .number()
    .positive()
    .max(1000)
    .default(1)
    .describe('factor on the glimpses after that; above 1 for images of low contrast'),
  scaleGain: z
    .number()
    .positive()
    .max(1000)
    .default(1)
    .describe(
      'factor on each scale over the next finer one; above 1 where what is small is searched for on a large canvas, for wide cells dilute its light',
    ),
  whatFilters: z
    .int()
    .min(0)
    .max(1024)
    .default(0)
    .describe(
      'filters of a convolution over each scale of the glimpse, 4x4 and 2 apart, and twice as many in a second one where the glimpse is wide enough; 0 for none (the paper)',
    ),
  whatUnits: units().default(128).describe('units that see the glimpse (h_g in the paper)'),
  whatLayers: z
    .int()
    .min(1)
    .max(8)
    .default(1)
    .describe('ReLU layers of --what-units between glimpse and features; the paper has 1'),
  whereUnits: units()
    .default(128)
    .describe(
      'units that see its location (h_l in the paper), and as many for any further observation, but for one with the shape of a glimpse, which the what units see',
    ),
  featureUnits: units().default(256).describe('units that join both (g in the paper)'),
  hiddenUnits: units().default(256).describe('units of the recurrent core (h in the paper)'),
  core: z
    .enum(coreNames)
    .default('rnn')
    .describe(
      'ReLU core as for images in the paper, LSTM as for Catch, two layers of LSTM of which the upper one looks (DRAM, Ba et al. 2015), or attention over all glimpses seen so far',
    ),
  recurrentStart: z
    .enum(['uniform', 'identity', 'orthogonal'])
    .default('uniform')
    .describe("how the core's recurrent matrix starts (the paper does not say)"),
  locatorUnits: z
    .int()
    .min(0)
    .max(4096)
    .default(128)
    .describe('hidden ReLU units of the location network; 0 for the linear one of the paper'),
  locatorSees: z
    .boolean()
    .default(false)
    .describe(
      'give the location network the glimpse too, through weights of its own; in the paper it gets the output of the core alone',
    ),
  locationMode: z
    .enum(['absolute', 'relative'])
    .default('absolute')
    .describe(
      'what the location network puts out. absolute: the action itself (the paper: a place); relative: a move from the present place',
    ),
  tanhMean: z
    .boolean()
    .default(true)
    .describe("bound the location's mean by tanh, so that the eye cannot leave the image; the paper does not"),
  locationRange: z
    .number()
    .positive()
    .max(1)
    .default(1)
    .describe('how far from the middle the mean may be, 1 being the border (of the image, or of the largest move)'),
  detach: z
    .enum(['heads', 'locator', 'none'])
    .default('heads')
    .describe(
      "which gradients do not reach the core. heads: those of the location, stop and baseline networks, so that it learns from predictions and other actions alone; locator: the location network's; none: all reach it (the paper). Of a dram core, whose upper layer is theirs, both say that nothing reaches the lower one",
    ),
})

/** @see ramOptions */
export type RamOptions = z.infer<typeof ramOptions>
