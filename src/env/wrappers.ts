// Small functions from one environment to another: limited moves, a time limit, other rewards, a record of what was played.

import type { Action, Environment, Observation, ResetOptions, Start, Step } from './environment.ts'
import { Box, type SpaceValues } from './spaces.ts'

/** An environment with some of its parts replaced. */
function wrap(environment: Environment, parts: Partial<Environment>): Environment {
  const { id, batchSize, horizon, itemCount, observationSpace, actionSpace } = environment
  const { locationAction, predictionSpace, predictionScored, readsProbabilities } = environment
  const { fixedLength, truncates, returnRange, names } = environment
  return {
    ...{ id, batchSize, horizon, itemCount, observationSpace, actionSpace },
    ...(locationAction && { locationAction }),
    ...(predictionSpace && { predictionSpace }),
    ...(predictionScored && { predictionScored }),
    ...(readsProbabilities !== undefined && { readsProbabilities }),
    ...(fixedLength !== undefined && { fixedLength }),
    ...(truncates !== undefined && { truncates }),
    ...(returnRange && { returnRange }),
    ...(names && { names }),
    get fingerprint() {
      return environment.fingerprint
    },
    reset: (options) => environment.reset(options),
    step: (action) => environment.step(action),
    ...(environment.render && { render: (episode: number) => environment.render!(episode) }),
    ...parts,
  }
}

/** How far an eye may move. */
export type MoveLimit = {
  /** Euclidean, in location units: half the image is 1. */
  readonly reach: number
  /** What the action `location` then is: a place that is gone towards (the default), or the move itself. */
  readonly action?: 'place' | 'move'
}

/**
 * An eye that moves by at most `reach` a step. A longer way is cut to that length, its direction kept; observations say
 * where the eye has come to. As a move, the action is a Box in [-reach, reach].
 * @throws RangeError unless reach is positive and the environment takes places.
 */
export function limitMoves(environment: Environment, { reach, action: kind = 'place' }: MoveLimit): Environment {
  const space = environment.actionSpace.location
  if (!space || environment.locationAction === 'move' || !(reach > 0))
    throw new RangeError(
      `limitMoves: reach ${reach} on ${environment.id}: reach must be positive, and the world one whose action location is a place`,
    )
  let location: Float32Array = new Float32Array(0)
  const noted = <S extends Start>(start: S): S => {
    location = start.observation.location.slice()
    return start
  }
  const size = space.size
  return wrap(environment, {
    locationAction: kind,
    ...(kind === 'move' && {
      actionSpace: { ...environment.actionSpace, location: new Box(-reach, reach, [size]) },
    }),
    reset: (options?: ResetOptions) => noted(environment.reset(options)),
    step(action: Action): Step {
      const wanted = action.location as Float32Array | undefined
      if (wanted?.length !== location.length) return environment.step(action) // which says what is wrong
      const next = new Float32Array(wanted.length)
      for (let b = 0; b < next.length; b += size) {
        let squares = 0
        for (let i = b; i < b + size; i++) {
          next[i] = kind === 'move' ? wanted[i]! : wanted[i]! - location[i]!
          squares += next[i]! ** 2
        }
        const share = Math.min(1, reach / Math.sqrt(squares || 1))
        for (let i = b; i < b + size; i++) next[i] = location[i]! + share * next[i]!
      }
      return noted(environment.step({ ...action, location: next }))
    },
  })
}

/**
 * Episodes that are cut off after `steps` steps: those that would have gone on are truncated, and bootstrapped from the value
 * of their last observation. @throws RangeError unless steps is a positive integer.
 */
export function timeLimit(environment: Environment, steps: number): Environment {
  if (!(Number.isInteger(steps) && steps > 0))
    throw new RangeError(`timeLimit: steps ${steps} is not a positive integer`)
  if (steps >= environment.horizon) return environment
  let taken = 0
  let last: Step | undefined
  return wrap(environment, {
    horizon: steps,
    truncates: true,
    reset(options?: ResetOptions) {
      ;[taken, last] = [0, undefined]
      return environment.reset(options)
    },
    step(action: Action): Step {
      if (last) return ended(last)
      const step = environment.step(action)
      if (++taken < steps) return step
      last = {
        ...step,
        truncated: step.terminated.map((over, b) => (over || step.truncated[b] ? step.truncated[b]! : 1)),
      }
      return copied(last)
    },
  })
}

/** The step after which nothing happens any more. */
const ended = (step: Step): Step => ({ ...copied(step), reward: new Float32Array(step.reward.length) })

/** A start with arrays of its own. */
function copiedStart({ observation, info }: Start): Start {
  const copies = Object.entries(observation).map(([name, values]) => [name, values.slice()])
  return {
    observation: Object.fromEntries(copies) as Observation,
    info: { ...info, ...(info.target && { target: info.target.slice() }) },
  }
}

/** A step with arrays of its own. */
const copied = ({ reward, terminated, truncated, ...start }: Step): Step => ({
  ...copiedStart(start),
  ...{ reward: reward.slice(), terminated: terminated.slice(), truncated: truncated.slice() },
})

/**
 * Other rewards: `reward(step, action)` gives float32 [B] in place of what the environment pays; where an episode had ended
 * before, 0 is paid whatever it says. `returnRange` says what the sum may then be, where that is known.
 */
export function withReward(
  environment: Environment,
  reward: (step: Step, action: Action) => Float32Array,
  returnRange?: readonly [number, number],
): Environment {
  let over = new Uint8Array(0)
  const { returnRange: _, ...rest } = wrap(environment, {
    reset(options?: ResetOptions) {
      const start = environment.reset(options)
      over = new Uint8Array(start.observation.location.length / environment.observationSpace.location.size)
      return start
    },
    step(action: Action): Step {
      const step = environment.step(action)
      const paid = reward(step, action).map((value, b) => (over[b] ? 0 : value))
      over = step.terminated.map((flag, b) => flag | step.truncated[b]!)
      return { ...step, reward: paid }
    },
  })
  return returnRange ? { ...rest, returnRange } : rest
}

/** One step of a batch of episodes, as it was played. */
export type RecordedStep = Step & { readonly action: Action }

/** A batch of episodes, as it was played. */
export type RecordedEpisodes = { readonly start: Start; readonly steps: readonly RecordedStep[] }

/** The same environment, which calls `keep` with copies of what was played, at every reset and whenever all episodes of a batch have ended. */
export function recordEpisodes(environment: Environment, keep: (episodes: RecordedEpisodes) => void): Environment {
  let current: { start: Start; steps: RecordedStep[] } | undefined
  const deliver = (): void => {
    if (current && current.steps.length > 0) keep(current)
    current = undefined
  }
  return wrap(environment, {
    reset(options?: ResetOptions) {
      deliver()
      const start = environment.reset(options)
      current = { start: copiedStart(start), steps: [] }
      return start
    },
    step(action: Action): Step {
      const given: [string, SpaceValues | undefined][] = Object.entries(action).map(([name, values]) => [
        name,
        values?.slice(),
      ])
      const step = environment.step(action)
      if (current) {
        current.steps.push({ ...copied(step), action: Object.fromEntries(given) })
        if (step.terminated.every((flag, b) => flag || step.truncated[b])) deliver()
      }
      return step
    },
  })
}
