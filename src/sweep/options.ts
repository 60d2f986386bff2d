// The options of a sweep: how many trials, chosen how, stopped how, judged by what.

import { z } from 'zod'

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
    .enum(['grid', 'random', 'quasi-random', 'tpe'])
    .default('tpe')
    .describe('who chooses points: a grid, chance, a Sobol sequence, or a tree of Parzen estimators'),
  gridSteps: z
    .int()
    .min(2)
    .max(1000)
    .default(5)
    .describe('values that a grid takes of a range without steps of its own'),
  startup: z.int().min(1).default(10).describe("tpe: points of the Sobol sequence before the model's first"),
  candidates: z
    .int()
    .min(1)
    .max(10_000)
    .default(24)
    .describe('tpe: values drawn from the good ones, of which the most promising is tried'),
  scheduler: z
    .enum(['none', 'median', 'asha'])
    .default('none')
    .describe('who stops trials early: nobody, the median of the others, or asynchronous successive halving'),
  minEpochs: z
    .int()
    .min(1)
    .default(1)
    .describe('asha: epochs of the lowest rung; median: epochs before the first verdict, and between verdicts'),
  factor: z
    .int()
    .min(2)
    .max(100)
    .default(3)
    .describe('asha: each rung has this many times the epochs, and lets one in this many of its trials go on'),
  minTrials: z.int().min(1).default(4).describe('median: trials that must have come as far before one is stopped'),
  retries: z
    .int()
    .min(0)
    .max(100)
    .default(2)
    .describe('how often a run that died is taken up again from its last checkpoint'),
})

/** @see sweepOptions */
export type SweepOptions = z.infer<typeof sweepOptions>
