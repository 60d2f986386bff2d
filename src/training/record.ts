// What a rollout was, as the inputs of the programs that learn from it. Typed arrays only.
//
// Axes: B episodes, T steps, K classes (or moves).

import { type Arrays, sizeOf } from '../core/tensors.ts'
import type { Observation } from '../env/environment.ts'
import type { Plan } from './programs.ts'
import type { Rollout } from './rollout.ts'

type Numbers = Readonly<Record<string, number>>

/** Numbers as scalar inputs. */
export const inputScalars = (values: Numbers): Arrays =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Float32Array.of(value)]))

/** What the last stage of `learn` is told: what happened, the shard's weight in the batch, and the scheduled numbers. */
export function whatHappened(plan: Plan, rollout: Rollout, weight: number, scalars: Numbers): Arrays {
  const { location, choice, reward, alive, looked, decided, stop, target } = rollout
  const scheduled = Object.entries(scalars).map(([name, value]) => [`scalar.${name}`, value])
  return {
    ...{ location, choice, reward, alive, looked, decided },
    ...(plan.supervised && { target: target! }),
    ...(plan.environment.actionSpace.stop && { stop }),
    ...inputScalars({ weight, ...Object.fromEntries(scheduled) }),
  }
}

/** What `relearn` is told of the episodes `rows`: besides, what they saw and what the agent thought at the time. */
export function whatWasSeen(plan: Plan, rollout: Rollout, rows: Int32Array, weight: number, scalars: Numbers): Arrays {
  const { actionSpace, observationSpace } = plan.environment
  const pick = picker(rollout.batch, rows)
  const widths: Numbers = { location: 2 }
  const happened = Object.entries(whatHappened(plan, rollout, weight, scalars)).map(([name, values]) => [
    name,
    values.length === 1 ? values : pick(values, widths[name] ?? 1),
  ])
  const glimpseSize = sizeOf(observationSpace.glimpse.shape)
  const sights = rollout.sights.flatMap(({ glimpse, location }: Observation, t) => [
    [`${t}.glimpse`, pick(glimpse, glimpseSize)],
    [`${t}.location`, pick(location, 2)],
  ])
  const recorded = (name: string, width: number): Float32Array => pick(thoughtsOf(rollout, name, width), width)
  return {
    ...Object.fromEntries([...happened, ...sights]),
    'recorded.locationMean': recorded('locationMean', 2),
    'recorded.choiceLogits': recorded('choiceLogits', actionSpace.choice.count),
    'recorded.value': recorded('value', 1),
    ...(actionSpace.stop && { 'recorded.stopLogit': recorded('stopLogit', 1) }),
  }
}

/** One of the agent's thoughts at every step, float32 [T, B, width]; zeros where it was not asked for. */
function thoughtsOf({ thoughts, batch }: Rollout, name: string, width: number): Float32Array {
  const all = new Float32Array(thoughts.length * batch * width)
  for (const [t, thought] of thoughts.entries()) if (thought[name]) all.set(thought[name], t * batch * width)
  return all
}

/** Takes from [T, B, width] the episodes `rows`: [T, rows, width]. */
const picker =
  (batch: number, rows: Int32Array) =>
  <A extends Float32Array | Int32Array>(values: A, width: number): A => {
    const steps = values.length / (batch * width)
    const picked = new (values.constructor as new (length: number) => A)(steps * rows.length * width)
    for (let t = 0; t < steps; t++)
      for (const [i, row] of rows.entries())
        picked.set(
          values.subarray((t * batch + row) * width, (t * batch + row + 1) * width),
          (t * rows.length + i) * width,
        )
    return picked
  }
