// A trained policy as one .onnx file: a single step of seeing, remembering and deciding, to be run anywhere that ONNX runs.

import { headOf } from '../agent/heads.ts'
import { exportOnnx } from '../engine/onnx/index.ts'
import { categoriesOf } from '../env/spaces.ts'
import type { RunConfig } from '../runs/config.ts'
import { worldOf } from '../training/plan.ts'
import type { Plan } from '../training/programs.ts'
import { outputName, policyDefinition, refuseOwnLocations } from './policy.ts'

/**
 * The bytes of the policy's .onnx file; its contract stands in the file's metadata, each entry as JSON.
 * @throws UserError where the algorithm chose locations by itself: the agent's own were never measured.
 */
export function exportPolicy(config: RunConfig, plan: Plan, parameters: Float32Array, batch = 1): Uint8Array {
  const { environment } = plan
  refuseOwnLocations(plan)
  const metadata = Object.entries(contractOf(config, plan, batch)).map(([name, value]) => [
    `saccade.${name}`,
    JSON.stringify(value),
  ])
  const policy = { agent: plan.agent, world: worldOf(environment, plan.algorithm) }
  return exportOnnx(policyDefinition(policy, batch), { parameters }, Object.fromEntries(metadata))
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
        spec.heads.map(({ name, space, kind }) => {
          const width = headOf(space, kind).told()
          if (name === 'location')
            return [
              'next_location',
              `float32 [${batch}, ${width}]: ${locationAction === 'move' ? 'how far to move from here' : 'where to look next; clip to [-1, 1]'}`,
            ]
          if (name === 'prediction' && space.kind === 'discrete')
            return [
              outputName(name, space.kind),
              `float32 [${batch}, ${width}]: of the classes; read them after the last step`,
            ]
          if (name === 'stop')
            return ['stop_logits', `float32 [${batch}, 2]: the episode ends now where the second is the larger`]
          const places = categoriesOf(space)
          return [
            outputName(name, space.kind),
            `float32 [${batch}, ${width}]${places.length > 0 ? `: logits of ${places.join(' + ')} categories` : kind === 'learned-gaussian' ? ': the mean, then as many numbers whose softplus is the standard deviation' : ''}`,
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
