// A trained policy as one .onnx file: a single step of seeing, remembering and deciding, to be run anywhere that ONNX runs.

import { softmax, type Tensor } from '@tensorflow/tfjs-core'
import type { ObservationTensors } from '../agent/agent.ts'
import { headOf } from '../agent/heads.ts'
import { UserError } from '../core/errors.ts'
import type { Tensors } from '../core/tensors.ts'
import type { Definition } from '../engine/engine.ts'
import { exportOnnx } from '../engine/onnx/index.ts'
import { categoriesOf } from '../env/spaces.ts'
import type { RunConfig } from '../runs/config.ts'
import type { Plan } from '../training/programs.ts'

/**
 * One step of `batch` episodes. Inputs: what is observed, `glimpse` float32 [B, S, G, G, C] in [0, 1], `location` float32
 * [B, D] in [-1, 1] and any further box of the world, and the state tensors, `state.<name>` float32 [B, ...], zeros at the
 * first step. Outputs: `next_location` float32 [B, D] (the mean of the action `location`), `<action>_logits` float32 [B, n]
 * for any other action, `probabilities` float32 [B, K] of a class, `prediction_logits` of several, or `prediction` float32
 * [B, D] of coordinates, `value` float32 [B], and `next_state.<name>`.
 */
export function policyDefinition({ agent, environment, spec }: Plan, batch: number): Definition {
  const seen = Object.entries(environment.observationSpace).map(
    ([name, { shape }]) => [name, { shape: [batch, ...shape], dtype: 'float32' }] as const,
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
      const decided = spec.heads.map(({ name, space }): [string, Tensor] =>
        name === 'prediction' && space.kind === 'discrete'
          ? ['probabilities', softmax(heads[name]!)]
          : [outputName(name, space.kind), heads[name]!],
      )
      return { ...Object.fromEntries(decided), value, ...Object.fromEntries(after) }
    },
  }
}

/** Under which name a head's outputs leave the file. */
function outputName(head: string, kind: string): string {
  if (head === 'location') return 'next_location'
  return kind === 'box' ? head : `${head}_logits`
}

/**
 * The bytes of the policy's .onnx file; its contract stands in the file's metadata, each entry as JSON.
 * @throws UserError where the algorithm chose locations by itself: the agent's own were never measured.
 */
export function exportPolicy(config: RunConfig, plan: Plan, parameters: Float32Array, batch = 1): Uint8Array {
  const { environment, algorithm } = plan
  if (algorithm.locationSampler && environment.horizon > 1 && environment.actionSpace.location)
    throw new UserError(
      `algorithm ${algorithm.name} chooses locations by itself, so the agent's own have never been learned nor measured; export an agent that was trained by another algorithm`,
    )
  const metadata = Object.entries(contractOf(config, plan, batch)).map(([name, value]) => [
    `saccade.${name}`,
    JSON.stringify(value),
  ])
  return exportOnnx(policyDefinition(plan, batch), { parameters }, Object.fromEntries(metadata))
}

/** What goes in and comes out, in words. */
function contractOf(config: RunConfig, { environment, agent, spec }: Plan, batch: number): Record<string, unknown> {
  const { observationSpace, locationAction = 'place', names = {} } = environment
  const further = Object.entries(observationSpace).filter(([name]) => name !== 'glimpse' && name !== 'location')
  const { scaleFactor = 2 } = config.environment as { scaleFactor?: number }
  return {
    description:
      'one step of a recurrent attention agent: look, remember, and say what there is and where to look next',
    environment: config.environment,
    agent: agent.description,
    steps: environment.horizon,
    inputs: {
      glimpse: `float32 [${[batch, ...observationSpace.glimpse.shape]}] in [0, 1]: B, scales (the finest first), side, side, channels. Scale s covers a square ${scaleFactor}^s times as wide as the first about the same centre; its cells are area averages, of the image itself up to two pixels a cell, of a copy of the image halved as often as fits beyond that`,
      location: `float32 [${[batch, ...observationSpace.location.shape]}] in [-1, 1]: (x, y) of the glimpse; (-1, -1) is the top-left corner, (0, 0) the centre`,
      ...Object.fromEntries(further.map(([name, { shape }]) => [name, `float32 [${[batch, ...shape]}]`])),
      ...Object.fromEntries(
        Object.entries(agent.state).map(([name, shape]) => [
          `state.${name}`,
          `float32 [${[batch, ...shape]}]: zeros at the first step, then next_state.${name} of the step before`,
        ]),
      ),
    },
    outputs: {
      ...Object.fromEntries(
        spec.heads.map(({ name, space }) => {
          const width = headOf(space).outputs()
          if (name === 'location')
            return [
              'next_location',
              `float32 [${batch}, ${width}]: ${locationAction === 'move' ? 'how far to move from here' : 'where to look next; clip to [-1, 1]'}`,
            ]
          if (name === 'prediction' && space.kind === 'discrete')
            return ['probabilities', `float32 [${batch}, ${width}]: of the classes; read them after the last step`]
          if (name === 'stop')
            return ['stop_logits', `float32 [${batch}, 2]: the episode ends now where the second is the larger`]
          const places = categoriesOf(space)
          return [
            outputName(name, space.kind),
            `float32 [${batch}, ${width}]${places.length > 0 ? `: logits of ${places.join(' + ')} categories` : ''}`,
          ]
        }),
      ),
      value: `float32 [${batch}]: the return that the agent expects`,
    },
    names,
    weights:
      'kernels lie as [inputs, outputs]; those of convolutions as [row, column, channel] in one axis, then filter',
  }
}
