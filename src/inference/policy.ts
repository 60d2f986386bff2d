// A policy as one step: what is observed and remembered in, what is decided and remembered out. It is what an exported file
// computes and what a loaded agent runs, on every engine and in a browser.

import { slice, softmax, type Tensor } from '@tensorflow/tfjs-core'
import type { Agent, ObservationTensors } from '../agent/agent.ts'
import { headOf } from '../agent/heads.ts'
import type { World } from '../agent/registry.ts'
import { UserError } from '../core/errors.ts'
import type { Tensors } from '../core/tensors.ts'
import type { Definition } from '../engine/engine.ts'
import type { Plan } from '../training/programs.ts'

/** An agent and what it knows of its world. */
export type Policy = { readonly agent: Agent; readonly world: World }

/**
 * One step of `batch` episodes. Inputs: what is observed, `glimpse` float32 [B, S, G, G, C] in [0, 1], `location` float32
 * [B, D] in [-1, 1] and any further box of the world, and the state tensors, `state.<name>` float32 [B, ...], zeros at the
 * first step. Outputs: `next_location` float32 [B, D] (the mean of the action `location`), `<action>_logits` float32 [B, n]
 * for any other action, `probabilities` float32 [B, K] of a class, `prediction_logits` of several, or `prediction` float32
 * [B, D] of coordinates, `value` float32 [B], and `next_state.<name>`.
 */
export function policyDefinition({ agent, world }: Policy, batch: number): Definition {
  const seen = Object.entries(world.observation).map(
    ([name, shape]) => [name, { shape: [batch, ...shape], dtype: 'float32' }] as const,
  )
  const state = Object.entries(agent.state).map(
    ([name, shape]) => [`state.${name}`, { shape: [batch, ...shape], dtype: 'float32' }] as const,
  )
  return {
    name: 'policy',
    reads: { parameters: agent.layout },
    stages: [Object.fromEntries([...seen, ...state])],
    *body({ parameters }, inputs) {
      yield* []
      const before: Tensors = Object.fromEntries(
        Object.keys(agent.state).map((name) => [name, inputs[`state.${name}`]!]),
      )
      const { heads, value, state: next } = agent.step(parameters!, inputs as ObservationTensors, before)
      const after = Object.entries(next).map(([name, tensor]) => [`next_state.${name}`, tensor])
      const decided = world.heads.map(({ name, space, kind }): [string, Tensor] => {
        const outputs = heads[name]!
        if (name === 'prediction' && space.kind === 'discrete') return ['probabilities', softmax(outputs)]
        const head = headOf(space, kind)
        const all = head.told() === head.outputs()
        return [outputName(name, space.kind), all ? outputs : slice(outputs, [0, 0], [-1, head.told()])]
      })
      return { ...Object.fromEntries(decided), value, ...Object.fromEntries(after) }
    },
  }
}

/** Under which name a head's outputs leave the step. */
export function outputName(head: string, kind: string): string {
  if (head === 'location') return 'next_location'
  if (head === 'prediction' && kind === 'discrete') return 'probabilities'
  return kind === 'box' ? head : `${head}_logits`
}

/** @throws UserError where the algorithm chose locations by itself: the agent's own were never learned nor measured. */
export function refuseOwnLocations({ environment, algorithm }: Pick<Plan, 'environment' | 'algorithm'>): void {
  if (algorithm.locationSampler && environment.horizon > 1 && environment.actionSpace.location)
    throw new UserError(
      `algorithm ${algorithm.name} chooses locations by itself, so the agent's own have never been learned nor measured; take an agent that was trained by another algorithm`,
    )
}
