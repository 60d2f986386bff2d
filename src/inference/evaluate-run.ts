// The errors of a finished or stopped run, from a checkpoint, as at the end of its training.

import { lengthOf } from '../core/tensors.ts'
import type { Split } from '../env/registry.ts'
import type { Checkpoint } from '../runs/checkpoint.ts'
import type { RunConfig } from '../runs/config.ts'
import type { Errors } from '../runs/records.ts'
import { errorsOf, mergeTallies, type Tally } from '../training/evaluation.ts'
import { createPlan } from '../training/learner.ts'
import { assembleTeam } from '../training/team.ts'

/** What to evaluate, and with what. */
export type EvaluateOptions = {
  readonly split: Split
  /** Rollouts of an item, whose probabilities the averaged error averages. */
  readonly rollouts: number
  /** In [0, 1]: how much of the training's schedule is done, on which the policy's standard deviation depends. */
  readonly progress: number
  readonly engine: string
  /** 0 for as many as there are cores. */
  readonly workers: number
}

/** What came of it. */
export type EvaluationResult = {
  readonly errors: Errors
  /** Mean glimpses of a greedy episode, where the agent may stop. */
  readonly glimpses?: number
  readonly items: number
  readonly engine: string
  readonly seconds: number
}

/** Evaluate the parameters of a checkpoint. @throws UserError where the world or the engine is not to be had. */
export async function evaluateRun(
  config: RunConfig,
  { tensors, steps }: Pick<Checkpoint, 'tensors' | 'steps'>,
  { split, rollouts, progress, engine, workers }: EvaluateOptions,
): Promise<EvaluationResult> {
  const began = performance.now()
  const plan = createPlan(config)
  const assembled = await assembleTeam(config, lengthOf(plan.agent.layout), { engine, workers })
  const { team } = assembled
  try {
    await team.call('write', { vectors: { ...tensors }, steps })
    const { std } = plan.algorithm.scalars(progress)
    const play = async (greedy: boolean): Promise<Tally> => {
      const request = { split, greedy, rollouts: greedy ? 1 : rollouts, std, averaged: config.training.averaging > 0 }
      return mergeTallies(await team.call('evaluate', request))
    }
    const greedy = await play(true)
    const errors = errorsOf(greedy, await play(false))
    return {
      errors,
      ...(plan.environment.actionSpace.stop && { glimpses: greedy.glimpses / greedy.episodes }),
      items: greedy.items,
      engine: assembled.engine.name,
      seconds: (performance.now() - began) / 1000,
    }
  } finally {
    await team.dispose()
  }
}
