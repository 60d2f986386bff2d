// What a batch of episodes was, as the inputs of the programs that learn from it. Typed arrays only.
//
// Axes: B episodes, T steps, n outputs of a head.

import { headOf } from '../agent/heads.ts'
import { trajectoryFields } from '../algorithms/trajectory.ts'
import { type Arrays, sizeOf } from '../core/tensors.ts'
import type { EpisodeBatch } from './episode-batch.ts'
import { headName, type Plan } from './programs.ts'

type Numbers = Readonly<Record<string, number>>

/** Numbers as scalar inputs. */
export const inputScalars = (values: Numbers): Arrays =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Float32Array.of(value)]))

/** The shard's weight in the batch, and the scheduled numbers. */
const scalarInputs = (weight: number, scalars: Numbers): Arrays =>
  inputScalars({
    weight,
    ...Object.fromEntries(Object.entries(scalars).map(([name, value]) => [`scalar.${name}`, value])),
  })

/** The inputs of the last stage of `learn`: the trajectory, the shard's weight in the batch, and the scheduled numbers. */
export function trajectoryInputs(plan: Plan, episodes: EpisodeBatch, weight: number, scalars: Numbers): Arrays {
  const last = Object.entries(episodes.observation).map(([name, values]) => [`last.${name}`, values])
  return {
    ...episodes.fields,
    ...scalarInputs(weight, scalars),
    ...(plan.environment.truncates && Object.fromEntries(last)),
  }
}

/** The inputs of a minibatch update with the episodes `rows`: besides, what they observed and what the agent had put out. */
export function minibatchInputs(
  plan: Plan,
  episodes: EpisodeBatch,
  rows: Int32Array,
  weight: number,
  scalars: Numbers,
): Arrays {
  const { observationSpace } = plan.environment
  const pick = picker(episodes.batch, rows)
  const happened = trajectoryFields(plan.spec).map(({ name, shape }) => [
    name,
    pick(episodes.fields[name]!, sizeOf(shape)),
  ])
  const seen = episodes.observations.flatMap((observation, t) =>
    Object.entries(observationSpace).map(([name, { size }]) => [`${t}.${name}`, pick(observation[name]!, size)]),
  )
  const old = plan.spec.heads.map(({ name, space, kind }) => {
    const n = headOf(space, kind).outputs()
    return [`old.${headName(name)}`, pick(outputsOf(episodes, headName(name), n), n)]
  })
  return {
    ...Object.fromEntries([...happened, ...seen, ...old]),
    ...scalarInputs(weight, scalars),
    'old.value': pick(outputsOf(episodes, 'value', 1), 1),
    ...(episodes.lastValue && { 'old.lastValue': pick(episodes.lastValue, 1) }),
  }
}

/** One of the agent's outputs at every step, float32 [T, B, n]; zeros where it was not asked for. */
function outputsOf({ outputs, batch }: EpisodeBatch, name: string, n: number): Float32Array {
  const all = new Float32Array(outputs.length * batch * n)
  for (const [t, output] of outputs.entries()) if (output[name]) all.set(output[name], t * batch * n)
  return all
}

/** Takes from [T, B, n] the episodes `rows`: [T, rows, n]. */
const picker =
  (batch: number, rows: Int32Array) =>
  <A extends Float32Array | Int32Array>(values: A, n: number): A => {
    const steps = values.length / (batch * n)
    const picked = new (values.constructor as new (length: number) => A)(steps * rows.length * n)
    for (let t = 0; t < steps; t++)
      for (const [i, row] of rows.entries())
        picked.set(values.subarray((t * batch + row) * n, (t * batch + row + 1) * n), (t * rows.length + i) * n)
    return picked
  }
