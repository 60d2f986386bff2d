// The options of a training: how long, how large, with which optimiser, on which engine.

import { z } from 'zod'

/** Hyper-parameters that belong to no single algorithm. */
export const trainingOptions = z.strictObject({
  epochs: z.int().min(1).max(1_000_000).default(100).describe('passes over the training items'),
  epochItems: z
    .int()
    .min(1)
    .optional()
    .describe('items an epoch shows; all of them by default, 10,000 where the world is endless'),
  batchSize: z.int().min(1).max(65536).default(128).describe('items (images) an iteration learns from'),
  rollouts: z
    .int()
    .min(1)
    .max(1024)
    .default(1)
    .describe("rollouts of each item in a batch: the paper's M; episodes an iteration = batchSize x rollouts"),
  optimiser: z
    .enum(['adam', 'sgd'])
    .default('adam')
    .describe('adam (Kingma and Ba 2015), or sgd with momentum (the paper)'),
  learningRate: z.number().positive().max(10).default(1e-3).describe('at the start, after the warm-up'),
  finalLearningRate: z.number().min(0).max(10).default(0).describe('at the end of the schedule'),
  schedule: z
    .enum(['cosine', 'linear', 'constant'])
    .default('cosine')
    .describe('how the learning rate goes from the first to the last value'),
  warmup: z
    .number()
    .min(0)
    .max(0.5)
    .default(0)
    .describe('share of the training in which the learning rate rises from 0'),
  momentum: z.number().min(0).lt(1).default(0.9).describe("sgd's momentum; adam's first moment decay"),
  gradientClip: z.number().min(0).default(5).describe('largest global norm of the gradient; 0 for no clipping'),
  weightDecay: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('decoupled weight decay a step, times the learning rate (Loshchilov and Hutter 2019)'),
  averaging: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe(
      'decay a step of an exponential moving average of the parameters, which is then what is evaluated and kept; 0 for none',
    ),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0).describe('of everything random in the run'),
  evaluationRollouts: z
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe('rollouts whose probabilities the averaged error averages'),
  evaluationItems: z
    .int()
    .min(1)
    .optional()
    .describe(
      'items an evaluation plays, a fixed random sample; all of the split by default, 1,000 where the world is endless',
    ),
  evaluateEvery: z.int().min(1).default(1).describe('epochs between evaluations on the validation items'),
  patience: z
    .int()
    .min(0)
    .default(0)
    .describe('epochs without a better validation error before stopping early; 0 for never'),
  engine: z.string().default('auto').describe('what computes: auto, onnx, tensorflow, wasm, cpu ...'),
  workers: z
    .int()
    .min(0)
    .max(256)
    .default(0)
    .describe('threads that share each batch; 0 for as many as there are cores'),
  shards: z
    .int()
    .min(0)
    .max(1024)
    .default(0)
    .describe(
      'parts that each batch is cut into, whose gradients are summed in order: with the same number, any number of workers gives the same bits; 0 for one a worker',
    ),
})

/** @see trainingOptions */
export type TrainingOptions = z.infer<typeof trainingOptions>
