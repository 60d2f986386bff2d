// Every law of an environment, broken once: `checkEnvironment` must name it.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Rng } from '../../src/core/rng.ts'
import { checkEnvironment } from '../../src/env/check-environment.ts'
import type { Action, Environment, ResetOptions, Start, Step } from '../../src/env/environment.ts'
import { checkAction, clip, Dealer, firstLooks } from '../../src/env/episodes.ts'
import { Box, Discrete } from '../../src/env/spaces.ts'

/** A small world that keeps the laws: a glimpse of one grey cell, which changes with every look, and a class to name. */
class Sound implements Environment {
  id = 'sound'
  batchSize = 2
  horizon = 3
  itemCount = 5
  choiceAt: 'end' | 'every-step' = 'end'
  observationSpace = { glimpse: new Box(0, 1, [1, 1, 1, 1]), location: new Box(-1, 1, [2]) }
  actionSpace: Environment['actionSpace'] = {
    location: new Box(-1, 1, [2]),
    choice: new Discrete(3),
    stop: new Discrete(2),
    belief: new Box(0, 1, [3]),
  }
  dealer = new Dealer(this)
  target = new Int32Array(0)
  glimpse: Float32Array = new Float32Array(0)
  location: Float32Array = new Float32Array(0)
  ended = new Uint8Array(0)
  steps = -1

  reset(options?: ResetOptions): Start {
    const cast = this.dealer.deal(options)
    this.target = Int32Array.from(cast.items, (item) => Rng.of(cast.seed, item).integer(3))
    this.location = firstLooks(cast, 1)
    this.glimpse = Float32Array.from(cast.items, (_, b) => this.look(b))
    this.ended = new Uint8Array(cast.items.length)
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
      if (this.steps === this.horizon || (this.actionSpace.stop && action.stop?.[b] === 1)) {
        this.ended[b] = 1
        reward[b] = action.choice[b] === this.target[b] ? 1 : 0
      } else {
        this.location[2 * b] = clip(action.location[2 * b]!)
        this.location[2 * b + 1] = clip(action.location[2 * b + 1]!)
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
      observation: { glimpse: this.glimpse.slice(), location: this.location.slice() },
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
const starting = (change: (start: Start, options: ResetOptions | undefined) => object): Environment =>
  new (class extends Sound {
    override reset(options?: ResetOptions): Start {
      const start = super.reset(options)
      return { ...start, ...change(start, options) }
    }
  })()

const declaring = (declaration: object): Environment => Object.assign(new Sound(), declaration)

const spaces = new Sound().actionSpace

const withoutStop = { location: spaces.location, choice: spaces.choice }

/** What the message must say, and a world that breaks just that. */
const violations: readonly [string, () => Environment][] = [
  ['id must be a name', () => declaring({ id: '' })],
  ['batchSize must be a positive integer', () => declaring({ batchSize: 0 })],
  ['horizon must be a positive integer', () => declaring({ horizon: 1.5 })],
  ['itemCount must be a positive integer or Infinity', () => declaring({ itemCount: 0 })],
  ['choiceAt must be', () => declaring({ choiceAt: 'never' })],
  [
    'observationSpace.glimpse must be a Box [S, G, G, C] in [0, 1]',
    () => declaring({ observationSpace: { glimpse: new Box(0, 1, [1, 1, 2, 1]), location: new Box(-1, 1, [2]) } }),
  ],
  [
    'observationSpace.location must be a Box [2] in [-1, 1]',
    () => declaring({ observationSpace: { glimpse: new Box(0, 1, [1, 1, 1, 1]), location: new Box(0, 1, [2]) } }),
  ],
  ['actionSpace.location must be', () => declaring({ actionSpace: { ...spaces, location: new Box(-1, 1, [3]) } })],
  ['actionSpace.choice must be Discrete', () => declaring({ actionSpace: { ...spaces, choice: new Box(0, 1, [1]) } })],
  ['actionSpace.stop must be Discrete(2)', () => declaring({ actionSpace: { ...spaces, stop: new Discrete(3) } })],
  ['actionSpace.belief must be a Box [K]', () => declaring({ actionSpace: { ...spaces, belief: new Box(0, 1, [2]) } })],
  ['choiceNames must name each of the 3 choices', () => declaring({ choiceNames: ['a', 'b'] })],
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
    'an observation must hold glimpse and location alone',
    () => starting(({ observation, info }) => ({ observation: { ...observation, target: info.target } })),
  ],
  [
    'info.target must be an Int32Array of 5 classes in [0, 3)',
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
    "observation.location must be the action's, clipped to [-1, 1]",
    () =>
      new (class extends Sound {
        override step(action: Action): Step {
          return super.step({ ...action, location: action.location.map((x) => x / 2) })
        }
      })(),
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
          const { glimpse, location } = start.observation
          const lent = pool.get(glimpse.length) ?? glimpse
          pool.set(glimpse.length, lent)
          lent.set(glimpse)
          return { ...start, observation: { glimpse: lent, location } }
        }
      })()
    },
  ],
  [
    "the last action's location must never be looked at",
    () =>
      new (class extends Sound {
        override actionSpace = withoutStop
        override step(action: Action): Step {
          const step = super.step(action)
          return this.steps === 3 ? { ...step, reward: step.reward.map((_, b) => action.location[2 * b]!) } : step
        }
      })(),
  ],
  [
    "where choiceAt is 'end', a choice before the last step must change nothing",
    () =>
      new (class extends Sound {
        override actionSpace = withoutStop
        override step(action: Action): Step {
          const step = super.step(action)
          return this.steps < 3 ? { ...step, reward: Float32Array.from(action.choice) } : step
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
    'an action outside the action space must throw a RangeError; a choice of K did not',
    () =>
      new (class extends Sound {
        override step(action: Action): Step {
          return super.step({ ...action, choice: action.choice.map((choice) => Math.min(choice, 2)) })
        }
      })(),
  ],
  [
    'render must give uint8 [H, W, C] pixels and the sides of S windows',
    () => declaring({ render: () => ({ pixels: new Uint8Array(3), height: 2, width: 2, channels: 1, windows: [1] }) }),
  ],
]

test('a sound world passes, with and without stop and belief', () => {
  checkEnvironment(new Sound())
  checkEnvironment(declaring({ actionSpace: withoutStop, itemCount: Infinity }))
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
