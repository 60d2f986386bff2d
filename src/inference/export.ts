// A trained policy as one .onnx file: a single step of seeing and thinking, to be run anywhere that ONNX runs.

import { softmax } from '@tensorflow/tfjs-core'
import type { Sight } from '../agent/agent.ts'
import type { Tensors } from '../core/tensors.ts'
import type { Definition } from '../engine/engine.ts'
import { exportOnnx } from '../engine/onnx/index.ts'
import type { RunConfig } from '../runs/config.ts'
import type { Plan } from '../training/programs.ts'

/**
 * One step of `batch` episodes. Inputs: `glimpse` float32 [B, S, G, G, C] in [0, 1], `location` float32 [B, 2] in [-1, 1],
 * and the state tensors, `state.<name>` float32 [B, ...], zeros at the first step. Outputs: `next_location` float32 [B, 2]
 * (the mean; the window's centre for the next glimpse), `probabilities` float32 [B, K], `value` float32 [B], `stop` float32
 * [B] (the log-odds of ending now) where the agent has that head, and `next_state.<name>`.
 */
export function policyDefinition({ agent, environment }: Plan, batch: number): Definition {
  const { glimpse } = environment.observationSpace
  const state = Object.entries(agent.state).map(
    ([name, shape]) => [`state.${name}`, { shape: [batch, ...shape], dtype: 'float32' }] as const,
  )
  return {
    name: 'policy',
    reads: { parameters: agent.layout },
    stages: [
      {
        glimpse: { shape: [batch, ...glimpse.shape], dtype: 'float32' },
        location: { shape: [batch, 2], dtype: 'float32' },
        ...Object.fromEntries(state),
      },
    ],
    *body({ parameters }, inputs) {
      yield* []
      const before: Tensors = Object.fromEntries(
        Object.keys(agent.state).map((name) => [name, inputs[`state.${name}`]!]),
      )
      const thought = agent.step(parameters!, inputs as Sight, before)
      const after = Object.entries(thought.state).map(([name, tensor]) => [`next_state.${name}`, tensor])
      return {
        next_location: thought.locationMean,
        probabilities: softmax(thought.choiceLogits),
        value: thought.value,
        ...(thought.stopLogit && { stop: thought.stopLogit }),
        ...Object.fromEntries(after),
      }
    },
  }
}

/** The bytes of the policy's .onnx file; its contract stands in the file's metadata, each entry as JSON. */
export function exportPolicy(config: RunConfig, plan: Plan, parameters: Float32Array, batch = 1): Uint8Array {
  const { environment, agent } = plan
  const { glimpse } = environment.observationSpace
  const contract = {
    description: 'one step of a recurrent attention agent: look, think, and say where to look next',
    environment: config.environment,
    agent: agent.description,
    steps: environment.horizon,
    inputs: {
      glimpse: `float32 [${[batch, ...glimpse.shape]}] in [0, 1]: B, scales (the finest first), side, side, channels`,
      location: `float32 [${batch}, 2] in [-1, 1]: (x, y) of the glimpse; (-1, -1) is the top-left corner, (0, 0) the centre`,
      state: 'state.<name>: zeros at the first step, then next_state.<name> of the step before',
    },
    outputs: {
      next_location: `float32 [${batch}, 2]: where to look next; clip to [-1, 1]`,
      probabilities: `float32 [${batch}, ${environment.actionSpace.choice.count}]: of the choices; for a class, read them after the last step`,
      value: `float32 [${batch}]: the return that the agent expects`,
    },
  }
  const metadata = Object.entries(contract).map(([name, value]) => [`saccade.${name}`, JSON.stringify(value)])
  return exportOnnx(policyDefinition(plan, batch), { parameters }, Object.fromEntries(metadata))
}
