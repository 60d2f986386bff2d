// What a configuration would need, before anything of it is made: sizes that cannot work are refused at once, in words.

import { totalmem } from 'node:os'
import { UserError } from '../core/errors.ts'
import type { RunConfig } from '../runs/config.ts'
import { inBytes } from '../runs/files.ts'

/** Operations of the traced step for each glimpse, and how many of them are built in about a minute. */
const [operationsPerGlimpse, mostOperations] = [150, 75_000]

/** Copies of a number: its value, its gradient, and what is kept of it in between. */
const copies = 3

/** One part of what is needed: how many bytes, and which options it grows with. */
type Need = { readonly bytes: number; readonly of: string; readonly options: readonly string[] }

/**
 * @param memory bytes that there are
 * @throws UserError naming the options, what they would take, and what there is.
 */
export function refuseTooLarge(config: RunConfig, memory: number = totalmem()): void {
  const glimpses = numberOf(config.environment, 'glimpses', 1)
  const operations = glimpses * operationsPerGlimpse
  if (operations > mostOperations)
    throw new UserError(
      `glimpses: ${glimpses} given; a training step of about ${operations.toLocaleString('en')} operations would take more than a minute to build; at most ${mostOperations / operationsPerGlimpse} glimpses`,
    )
  const [largest] = needsOf(config).sort((a, b) => b.bytes - a.bytes)
  if (!largest || largest.bytes <= memory) return
  const given = largest.options.map((name) => `${name}: ${optionOf(config, name)} given; `).join('')
  throw new UserError(
    `${given}${largest.of} would take about ${inBytes(largest.bytes)}; this machine has ${inBytes(memory)}; lower one of them`,
  )
}

function needsOf({ environment, agent, training }: RunConfig): Need[] {
  const side = Math.max(numberOf(environment, 'side', 0), numberOf(environment, 'canvasSide', 0))
  const glimpseSide = numberOf(environment, 'glimpseSide', 1)
  const glimpse = glimpseSide ** 2 * numberOf(environment, 'scales', 1) * numberOf(environment, 'channels', 1)
  const units = Object.entries(agent).reduce((sum, [name, value]) => sum + (/Units$/.test(name) ? Number(value) : 0), 0)
  const episodes = training.batchSize * training.rollouts
  const steps = numberOf(environment, 'glimpses', 1)
  const workers = Math.max(1, training.workers)
  // beside its pixels an image is kept with a frame, halved again and again
  const images: Need[] = [
    {
      bytes: 2 * side ** 2 * numberOf(environment, 'channels', 1) * training.batchSize,
      of: 'the images of a batch',
      options: [...['side', 'canvasSide'].filter((name) => name in environment), 'batchSize'],
    },
  ]
  return [
    ...images,
    {
      bytes: 4 * copies * episodes * steps * (glimpse + units),
      of: 'what a batch sees and works out',
      options: ['batchSize', 'rollouts', 'glimpses', 'glimpseSide', 'scales'].filter(
        (name) => name in environment || name in training,
      ),
    },
    {
      // with two moments and a gradient
      bytes: 4 * 4 * workers * (glimpse * numberOf(agent, 'whatUnits', 1) + units ** 2),
      of: 'its parameters',
      options: [
        ...['glimpseSide', 'scales'].filter((name) => name in environment),
        ...('whatUnits' in agent ? ['whatUnits'] : []),
      ],
    },
  ]
}

const numberOf = (options: Readonly<Record<string, unknown>>, name: string, absent: number): number =>
  typeof options[name] === 'number' ? (options[name] as number) : absent

const optionOf = ({ environment, agent, training }: RunConfig, name: string): unknown =>
  ({ ...environment, ...agent, ...training })[name]
