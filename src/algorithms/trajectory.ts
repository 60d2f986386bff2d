// A trajectory: what was done, what came of it, and what the agent had put out at the time. ONE table says which fields
// there are; buffers, signatures of programs, minibatches and the types of losses derive from it.
//
// Axes: B episodes, T steps, n outputs of a head, D numbers of a value.

import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import type { Outputs } from '../agent/agent.ts'
import type { HeadSpec } from '../agent/heads.ts'
import type { DType, Tensors } from '../core/tensors.ts'
import type { Space } from '../env/spaces.ts'

/** What decides which fields a trajectory has. */
export type TrajectorySpec = {
  /** The world's actions, then `prediction`, where there is one. */
  readonly heads: readonly HeadSpec[]
  /** Whether the target teaches the prediction. */
  readonly supervised: boolean
  /** Whether the world may truncate an episode. */
  readonly truncates: boolean
}

/** One field: of every step, [T, B, ...shape], or of the episode, [B, ...shape]. */
export type Field = {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly each: 'step' | 'episode'
}

/** The fields that every trajectory has, float32 [T, B] each. */
const always = [
  /** What the environment paid. */
  'reward',
  /** 1 while the episode ran, its last step included. */
  'running',
  /** 1 where the episode went on: its action took effect on what was observed next. */
  'continued',
  /** 1 where the prediction counted. */
  'scored',
] as const

const valueField = (name: string, space: Space, each: Field['each']): Field => ({
  name,
  shape: space.shape,
  dtype: space.kind === 'box' ? 'float32' : 'int32',
  each,
})

/** The name of the field that holds what was drawn from a head. */
export const drawnName = (head: string): string => `drawn.${head}`

/** Every field of a trajectory. */
export function trajectoryFields({ heads, supervised, truncates }: TrajectorySpec): Field[] {
  const flag = (name: string): Field => ({ name, shape: [], dtype: 'float32', each: 'step' })
  const prediction = heads.find(({ name }) => name === 'prediction')
  return [
    ...always.map(flag),
    // 1 at the step at which a limit outside the task cut the episode off
    ...(truncates ? [flag('truncated')] : []),
    ...heads.map(({ name, space }) => valueField(drawnName(name), space, 'step')),
    ...(supervised && prediction ? [valueField('target', prediction.space, 'episode')] : []),
  ]
}

/** A trajectory as a loss sees it. Constants: no gradient flows into them. */
export type Trajectory = {
  readonly [Name in (typeof always)[number]]: Tensor2D
} & {
  /** float32 [T, B] in {0, 1}; where the world truncates. */
  readonly truncated?: Tensor2D
  /** [T, B, ...] by head: what was drawn, a location before the environment clipped it. */
  readonly drawn: Tensors
  /** The right prediction, [B, ...], where the algorithm asked for supervision and the world has one. */
  readonly target?: Tensor
  /** What the agent had put out while acting, with the parameters of that moment. */
  readonly old: Outputs
  /** float32 [B]: its value of the observation after the last step; where the world truncates. */
  readonly lastValue?: Tensor1D
  readonly heads: readonly HeadSpec[]
  /** The first step at which a prediction can count: `scored` is 0 before it, whatever happens. */
  readonly firstScored: number
  /** The first step that can be an episode's last. */
  readonly firstEnd: number
  /** M: rollouts of each item, side by side: row b is rollout b mod M of its item. */
  readonly rollouts: number
}

/** A trajectory of tensors by the names of its fields. */
export function trajectoryOf(
  spec: TrajectorySpec,
  fields: Tensors,
  rest: Pick<Trajectory, 'old' | 'firstScored' | 'firstEnd' | 'rollouts'> & {
    readonly lastValue?: Tensor1D | undefined
  },
): Trajectory {
  const { lastValue, ...others } = rest
  const flags = Object.fromEntries(always.map((name) => [name, fields[name] as Tensor2D]))
  return {
    ...(flags as { readonly [Name in (typeof always)[number]]: Tensor2D }),
    ...(fields.truncated && { truncated: fields.truncated as Tensor2D }),
    drawn: Object.fromEntries(spec.heads.map(({ name }) => [name, fields[drawnName(name)]!])),
    ...(fields.target && { target: fields.target }),
    ...(lastValue && { lastValue }),
    heads: spec.heads,
    ...others,
  }
}
