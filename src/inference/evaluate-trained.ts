// The errors of a trained agent, as at the end of its training.

import { lengthOf } from '../core/tensors.ts'
import type { Split } from '../env/registry.ts'
import type { Errors, Measure } from '../runs/records.ts'
import { type EvaluationCounts, errorsOf, measureOf, mergeCounts } from '../training/evaluation.ts'
import { firstVectors } from '../training/plan.ts'
import { assembleWorkers } from '../training/worker-pool.ts'
import type { Trained } from './load.ts'

/** What to evaluate, and with what. */
export type EvaluateOptions = {
  readonly split: Split
  /** Rollouts of an item, whose probabilities the averaged error averages; by default as in its training. */
  readonly rollouts?: number | undefined
  readonly engine: string
  /** 0 for as many as there are cores. */
  readonly workers: number
}

/** What came of it. */
export type EvaluationResult = {
  readonly errors: Errors
  /** What the figures are. */
  readonly measure: Measure
  readonly rollouts: number
  /** Mean glimpses of a greedy episode, where the agent may stop. */
  readonly glimpses?: number
  readonly items: number
  readonly engine: string
  readonly seconds: number
}

/** Evaluate a trained agent. @throws UserError where the world or the engine is not to be had. */
export async function evaluateTrained(
  { config, plan, parameters, progress, ...trained }: Trained,
  { split, rollouts = trained.rollouts, engine, workers }: EvaluateOptions,
): Promise<EvaluationResult> {
  const began = performance.now()
  const assembled = await assembleWorkers(config, lengthOf(plan.agent.layout), { engine, workers, shards: 0 })
  const { pool } = assembled
  try {
    await pool.call('write', { vectors: firstVectors(config, plan, parameters), steps: 0 })
    const { std } = plan.algorithm.scalars(progress)
    const play = async (greedy: boolean): Promise<EvaluationCounts> => {
      const request = { split, greedy, rollouts: greedy ? 1 : rollouts, std, averaged: config.training.averaging > 0 }
      return mergeCounts(await pool.call('evaluate', request))
    }
    const measure = measureOf(plan.environment, plan.hasTargets)
    const greedy = await play(true)
    const errors = errorsOf(greedy, await play(false), measure)
    return {
      errors,
      measure,
      rollouts,
      ...(!plan.environment.fixedLength && { glimpses: greedy.glimpses / greedy.episodes }),
      items: greedy.items,
      engine: assembled.engine.name,
      seconds: (performance.now() - began) / 1000,
    }
  } finally {
    await pool.dispose()
  }
}
