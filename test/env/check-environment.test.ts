// Every law of an environment, broken once: `checkEnvironment` must name it.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Rng } from '../../src/core/rng.ts'
import { checkEnvironment } from '../../src/env/check-environment.ts'
import type { Action, Environment, ResetOptions, Start, Step } from '../../src/env/environment.ts'
import { checkAction, clip, EpisodeSampler, firstLocations } from '../../src/env/episodes.ts'
import { Box, Discrete, MultiDiscrete } from '../../src/env/spaces.ts'

/** A small world that keeps the laws: a glimpse of one grey cell, which changes with every look, how much light fell in, and a class to name. */
class Sound implements Environment {
  id = 'sound'
  batchSize = 2
  horizon = 3
  itemCount = 5
  predictionScored: 'last-step' | 'every-step' = 'last-step'
  readsProbabilities = true
  observationSpace: Environment['observationSpace'] = {
    glimpse: new Box(0, 1, [1, 1, 1, 1]),
    location: new Box(-1, 1, [2]),
    light: new Box(0, 2, [2, 1]),
  }
  actionSpace: Environment['actionSpace'] = {
    location: new Box(-1, 1, [2]),
    stop: new Discrete(2),
    zoom: new MultiDiscrete([2, 3]),
  }
  predictionSpace: NonNullable<Environment['predictionSpace']> = new Discrete(3)
  sampler = new EpisodeSampler(this)
  target = new Int32Array(0)
  glimpse: Float32Array = new Float32Array(0)
  location: Float32Array = new Float32Array(0)
  ended = new Uint8Array(0)
  steps = -1

  reset(options?: ResetOptions): Start {
    const spec = this.sampler.sample(options)
    this.target = Int32Array.from(spec.items, (item) => Rng.of(spec.seed, item).integer(3))
    this.location = firstLocations(spec, 1)
    this.glimpse = Float32Array.from(spec.items, (_, b) => this.look(b))
    this.ended = new Uint8Array(spec.items.length)
    this.steps = 0
    return this.start()
  }

  step(action: Action): Step {
    if (this.steps < 0) throw new Error('reset first')
    checkAction(this, action, this.ended)
    this.steps++
    const reward = new Float32Array(this.ended.length)
    for (let b = 0; b < reward.length; b++) {
      if (this.ended[b]) continue
      if (this.steps === this.horizon || action.stop?.[b] === 1) {
        this.ended[b] = 1
        reward[b] = action.prediction![b] === this.target[b] ? 1 : 0
      } else {
        for (const i of [2 * b, 2 * b + 1]) this.location[i] = clip(action.location?.[i] ?? this.location[i]!)
        this.glimpse[b] = this.look(b)
      }
    }
    return { ...this.start(), reward, terminated: this.ended.slice(), truncated: new Uint8Array(reward.length) }
  }

  look(b: number): number {
    return Math.abs(this.location[2 * b]! + this.target[b]!) / 3
  }

  start(): Start {
    return {
      observation: {
        glimpse: this.glimpse.slice(),
        location: this.location.slice(),
        light: Float32Array.from([...this.glimpse].flatMap((grey) => [grey, 2 * grey])),
      },
      info: { target: this.target.slice() },
    }
  }
}

/** A sound world whose steps are changed on their way out. */
const stepping = (change: (step: Step, action: Action, world: Sound) => object): Environment =>
  new (class extends Sound {
    override step(action: Action): Step {
      const step = super.step(action)
      return { ...step, ...change(step, action, this) }
    }
  })()

/** A sound world whose starts are changed on their way out. */
const starting = (change: (start: Start) => object, declaration: object = {}): Environment =>
  Object.assign(
    new (class extends Sound {
      override reset(options?: ResetOptions): Start {
        const start = super.reset(options)
        return { ...start, ...change(start) }
      }
    })(),
    declaration,
  )

const declaring = (declaration: object): Environment => Object.assign(new Sound(), declaration)

const spaces = new Sound().actionSpace

const withoutStop = { location: spaces.location!, zoom: spaces.zoom! }

const observed = new Sound().observationSpace

/** What the message must say, and a world that breaks just that. */
const violations: readonly [string, () => Environment][] = [
  ['id must be a name', () => declaring({ id: '' })],
  ['batchSize must be a positive integer', () => declaring({ batchSize: 0 })],
  ['horizon must be a positive integer', () => declaring({ horizon: 1.5 })],
  ['itemCount must be a positive integer or Infinity', () => declaring({ itemCount: 0 })],
  ['predictionScored must be', () => declaring({ predictionScored: 'never' })],
  ['locationAction must be', () => declaring({ locationAction: 'jump' })],
  ['returnRange must be [low, high]', () => declaring({ returnRange: [1, 0] })],
  [
    'observationSpace.light must be a Box',
    () => declaring({ observationSpace: { ...observed, light: new Discrete(2) } }),
  ],
  ['actionSpace must name at least one action', () => declaring({ actionSpace: {} })],
  [
    'actionSpace.zoom must be a Box, Discrete or MultiDiscrete',
    () => declaring({ actionSpace: { ...spaces, zoom: { kind: 'text' } } }),
  ],
  [
    'prediction and probabilities are no names for an action',
    () => declaring({ actionSpace: { ...spaces, prediction: new Discrete(2) } }),
  ],
  ['predictionSpace must be a Box, Discrete or MultiDiscrete', () => declaring({ predictionSpace: { kind: 'text' } })],
  [
    'observationSpace.glimpse must be a Box [S, G, G, C] in [0, 1]',
    () => declaring({ observationSpace: { ...observed, glimpse: new Box(0, 1, [1, 1, 2, 1]) } }),
  ],
  [
    'observationSpace.location must be a Box [D] in [-1, 1]',
    () => declaring({ observationSpace: { ...observed, location: new Box(0, 1, [2]) } }),
  ],
  [
    'actionSpace.location must be a Box [D]',
    () => declaring({ actionSpace: { ...spaces, location: new Discrete(4) } }),
  ],
  [
    'actionSpace.location must be in [-1, 1] where it is a place',
    () => declaring({ actionSpace: { ...spaces, location: new Box(-2, 2, [2]) } }),
  ],
  ['actionSpace.stop must be Discrete(2)', () => declaring({ actionSpace: { ...spaces, stop: new Discrete(3) } })],
  ['names.prediction must name each value of a Discrete space', () => declaring({ names: { prediction: ['a', 'b'] } })],
  ['names.zoom must name each value of a Discrete space', () => declaring({ names: { zoom: ['near', 'far'] } })],
  ['names.nothing must name each value of a Discrete space', () => declaring({ names: { nothing: ['a'] } })],
  [
    'step before the first reset must throw an Error',
    () =>
      new (class extends Sound {
        override step(action: Action): Step {
          if (this.steps < 0) this.reset()
          return super.step(action)
        }
      })(),
  ],
  [
    'observation.glimpse must be a Float32Array',
    () => starting(({ observation }) => ({ observation: { ...observation, glimpse: [...observation.glimpse] } })),
  ],
  [
    'observation.glimpse must have 5 x 1 numbers',
    () =>
      starting(({ observation }) => ({ observation: { ...observation, glimpse: observation.glimpse.subarray(1) } })),
  ],
  [
    'observation.glimpse must lie in [0, 1]',
    () =>
      starting(({ observation }) => ({
        observation: { ...observation, glimpse: observation.glimpse.map(() => Number.NaN) },
      })),
  ],
  [
    'observation.location must lie in [-1, 1]',
    () =>
      starting(({ observation }) => ({ observation: { ...observation, location: observation.location.map(() => 2) } })),
  ],
  [
    'an observation must hold what observationSpace names and nothing else',
    () => starting(({ observation, info }) => ({ observation: { ...observation, target: info.target } })),
  ],
  [
    'info.target needs a predictionSpace',
    () => starting(() => ({}), { predictionSpace: undefined, readsProbabilities: false }),
  ],
  [
    'info.target must be 5 values of Discrete(3)',
    () => starting(({ info }) => ({ info: { target: Float32Array.from(info.target!) } })),
  ],
  [
    'observation.light must have 5 x 2 numbers',
    () => starting(({ observation }) => ({ observation: { ...observation, light: observation.light!.subarray(1) } })),
  ],
  [
    'observation.light must lie in [0, 2]',
    () => starting(({ observation }) => ({ observation: { ...observation, light: observation.light!.map(() => 3) } })),
  ],
  [
    'info.target must be 5 values of Discrete(3)',
    () => starting(({ info }) => ({ info: { target: info.target!.map(() => 3) } })),
  ],
  [
    'info.target must stay the same through an episode',
    () => stepping(({ info }) => ({ info: { target: info.target!.map((target) => (target + 1) % 3) } })),
  ],
  [
    'reward must be a Float32Array of 5 finite numbers',
    () => stepping(({ reward }) => ({ reward: reward.map(() => Number.NaN) })),
  ],
  [
    'terminated must be a Uint8Array of 5 zeros and ones',
    () => stepping(({ terminated }) => ({ terminated: [...terminated] })),
  ],
  [
    'truncated must be a Uint8Array of 5 zeros and ones',
    () => stepping(({ truncated }) => ({ truncated: truncated.map(() => 2) })),
  ],
  [
    'an episode that has ended must stay ended',
    () =>
      stepping(({ terminated }, _action, { steps }) => (steps === 4 ? { terminated: terminated.map(() => 0) } : {})),
  ],
  [
    'only an environment with truncates: true may truncate an episode',
    () =>
      stepping(({ terminated }) => ({
        terminated: terminated.map(() => 0),
        truncated: terminated,
      })),
  ],
  [
    'an episode must not be terminated and truncated',
    () =>
      Object.assign(
        stepping(({ terminated }) => ({ truncated: terminated })),
        { truncates: true },
      ),
  ],
  [
    'an episode that has ended must stay ended, for the same reason',
    () =>
      Object.assign(
        stepping(({ terminated }, _action, { steps }) =>
          steps > 3 ? { terminated: terminated.map(() => 0), truncated: terminated } : {},
        ),
        { truncates: true },
      ),
  ],
  ['with fixedLength: true no episode may end before its horizon', () => declaring({ fixedLength: true })],
  [
    'an episode that has ended must pay 0',
    () => stepping(({ reward }, _action, { steps }) => (steps > 3 ? { reward: reward.map(() => 1) } : {})),
  ],
  [
    'every episode must end within its horizon of 3',
    () =>
      new (class extends Sound {
        override actionSpace = withoutStop
        override step(action: Action): Step {
          const step = super.step(action)
          return this.steps === 3 ? { ...step, terminated: step.terminated.map(() => 0) } : step
        }
      })(),
  ],
  [
    'an episode must end where action.stop is 1',
    () =>
      stepping(({ terminated }, action, { steps }) =>
        steps < 3 && action.stop ? { terminated: terminated.map(() => 0) } : {},
      ),
  ],
  [
    'the observation of an episode that has ended must stay as it was',
    () =>
      stepping(({ observation }, _action, { steps }) =>
        steps > 3 ? { observation: { ...observation, glimpse: observation.glimpse.map((grey) => 1 - grey) } } : {},
      ),
  ],
  [
    'the same seed and items must give the same episodes, bit for bit',
    () => {
      let looks = 0
      return new (class extends Sound {
        override look(): number {
          return (++looks % 97) / 97
        }
      })()
    },
  ],
  [
    'an episode must not depend on what else is in the batch',
    () =>
      new (class extends Sound {
        override look(b: number): number {
          return b / 10
        }
      })(),
  ],
  [
    'the environment must keep no hold of arrays that it returned or was given',
    () =>
      new (class extends Sound {
        override start(): Start {
          return { ...super.start(), info: { target: this.target } }
        }
      })(),
  ],
  [
    'an observation must never be written to again',
    () => {
      // a pool of one glimpse, given out afresh every time, so that scribbling on it does no harm
      const pool = new Map<number, Float32Array>()
      return new (class extends Sound {
        override start(): Start {
          const start = super.start()
          const { glimpse, ...rest } = start.observation
          const lent = pool.get(glimpse.length) ?? glimpse
          pool.set(glimpse.length, lent)
          lent.set(glimpse)
          return { ...start, observation: { ...rest, glimpse: lent } }
        }
      })()
    },
  ],
  [
    "where predictionScored is 'last-step', a prediction before the last step must change nothing",
    () =>
      new (class extends Sound {
        override actionSpace = withoutStop
        fixedLength = true
        override step(action: Action): Step {
          const step = super.step(action)
          return this.steps < 3 ? { ...step, reward: Float32Array.from(action.prediction!) } : step
        }
      })(),
  ],
  [
    'an item outside [0, 5) must throw a RangeError',
    () =>
      new (class extends Sound {
        override reset({ items, ...options }: ResetOptions = {}): Start {
          return super.reset({ ...options, ...(items && { items: Array.from(items, (item) => Math.min(item, 4)) }) })
        }
      })(),
  ],
  [
    'an action outside its space must throw a RangeError; a prediction of 3 did not',
    () =>
      new (class extends Sound {
        override step(action: Action): Step {
          return super.step({ ...action, prediction: action.prediction!.map((value) => Math.min(value, 2)) })
        }
      })(),
  ],
  [
    'an action outside its space must throw a RangeError; a zoom of -1 did not',
    () =>
      new (class extends Sound {
        override step(action: Action): Step {
          return super.step({ ...action, zoom: action.zoom!.map((value) => Math.max(value, 0)) })
        }
      })(),
  ],
  [
    'an action outside its space must throw a RangeError; shorter probabilities did not',
    () =>
      new (class extends Sound {
        override step(action: Action): Step {
          return super.step({ ...action, probabilities: new Float32Array(3 * this.ended.length) })
        }
      })(),
  ],
  [
    'render must give uint8 [H, W, C] pixels and the sides of S windows',
    () => declaring({ render: () => ({ pixels: new Uint8Array(3), height: 2, width: 2, channels: 1, windows: [1] }) }),
  ],
]

test('a sound world passes, with and without stop, probabilities and predictions', () => {
  checkEnvironment(new Sound())
  checkEnvironment(declaring({ actionSpace: withoutStop, itemCount: Infinity, fixedLength: true }))
  checkEnvironment(declaring({ readsProbabilities: false, actionSpace: { zoom: spaces.zoom! } }))
})

test('an eye whose glimpse is taken elsewhere than the action says, as one with inertia does, is lawful', () => {
  checkEnvironment(
    new (class extends Sound {
      override step(action: Action): Step {
        return super.step({ ...action, location: Float32Array.from(action.location!, (x) => x / 2) })
      }
    })(),
  )
})

/** The same spaces as objects of another copy of this package would be: of the same kind, of another class. */
const foreign = (space: Box | Discrete | MultiDiscrete): object =>
  Object.assign(
    Object.create({
      sample: (rng: Rng, batch?: number) => space.sample(rng, batch),
      contains: (values: ArrayLike<number>, batch?: number) => space.contains(values, batch),
    }),
    { ...space, shape: space.shape, size: space.size },
  )

test('spaces of another copy of this package pass: they are told apart by their kind', () => {
  const spacesOfAnother = (named: object): object =>
    Object.fromEntries(Object.entries(named).map(([name, space]) => [name, foreign(space)]))
  const world = declaring({
    observationSpace: spacesOfAnother(observed),
    actionSpace: spacesOfAnother(spaces),
    predictionSpace: foreign(new Discrete(3)),
  })
  assert.not.ok(world.predictionSpace instanceof Discrete)
  checkEnvironment(world)
})

for (const [law, world] of violations)
  test(`it is told that ${law}`, () => {
    let message = 'nothing'
    try {
      checkEnvironment(world())
    } catch (error) {
      message = (error as Error).message
    }
    assert.ok(message.includes(law), `told instead: ${message}`)
  })

test.run()
