// The options of a sweep: how many trials, chosen how, stopped how, judged by what. Those of a sampler or a scheduler are beside it.

import { z } from 'zod'
import { type SamplerName, samplerOptions, samplers } from './samplers/index.ts'
import { type SchedulerName, schedulerOptions, schedulers } from './schedulers/index.ts'

const described = (table: Readonly<Record<string, { readonly description: string }>>): string =>
  Object.entries(table)
    .map(([name, { description }]) => `${name}, ${description}`)
    .join('; ')

/** The group `sweep` of a sweep file. */
export const sweepOptions = z.strictObject({
  trials: z.int().min(1).max(100_000).default(20).describe('points of the space that are tried; a grid may have fewer'),
  seeds: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('runs of each point, with the seeds training.seed, training.seed + 1, ...: the same for every point'),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0).describe('of the choice of points'),
  objective: z
    .enum(['error', 'return', 'glimpses'])
    .default('error')
    .describe('on the validation items, never the test: lowest error, highest return or fewest glimpses so far'),
  sampler: z
    .enum(Object.keys(samplers) as [SamplerName])
    .default('tpe')
    .describe(`who chooses points: ${described(samplers)}`),
  ...samplerOptions,
  scheduler: z
    .enum(Object.keys(schedulers) as [SchedulerName])
    .default('none')
    .describe(`who stops trials early: ${described(schedulers)}`),
  minEpochs: z
    .int()
    .min(1)
    .default(1)
    .describe('asha: epochs of the lowest rung; median: epochs before the first verdict, and between verdicts'),
  ...schedulerOptions,
  retries: z
    .int()
    .min(0)
    .max(100)
    .default(2)
    .describe('how often a run that died is taken up again from its last checkpoint'),
})

/** @see sweepOptions */
export type SweepOptions = z.infer<typeof sweepOptions>
