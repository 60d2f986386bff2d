// A world of one's own with nothing but `reset` and `step`: a bright spot runs along a line of 9 cells, and a hand follows.
// The eye sees 3 cells of the line at a time. Every step moves the hand (left, stay, right) and pays 1/8 where it is on the spot.
//   npm run train -- --import ./examples/own-world.ts --environment Chase --algorithm ppo --epochs 5 --epoch-items 2000

import { type Action, Box, Discrete, type Environment, Rng, registerEnvironment, type Setting, z } from 'saccade'

const [cells, steps] = [9, 8]

function chase({ batchSize }: Setting): Environment {
  let games: { spot: number; drift: number; hand: number }[] = []
  let location = new Float32Array(0)
  let seen = { glimpse: new Float32Array(0), location }
  let time = -1
  let nextSeed = 0

  /** Look from here: the spot is white, the hand grey. */
  function look(): void {
    const glimpse = new Float32Array(games.length * 9)
    for (const [b, { spot, hand }] of games.entries())
      for (let i = 0; i < 3; i++) {
        const cell = Math.round(((location[b]! + 1) / 2) * (cells - 1)) - 1 + i
        glimpse[b * 9 + 3 + i] = cell === spot ? 1 : cell === hand ? 0.5 : 0 // the middle row of 3x3
      }
    seen = { glimpse, location: location.slice() }
  }

  /** What was seen last, in arrays that are the caller's. */
  const observation = () => ({ glimpse: seen.glimpse.slice(), location: seen.location.slice() })

  return {
    ...{ id: 'Chase', batchSize, horizon: steps, itemCount: Infinity, fixedLength: true },
    observationSpace: { glimpse: new Box(0, 1, [1, 3, 3, 1]), location: new Box(-1, 1, [1]) }, // an eye in one dimension
    actionSpace: { location: new Box(-1, 1, [1]), move: new Discrete(3) },
    returnRange: [0, 1],
    names: { move: ['left', 'stay', 'right'] },

    reset({ seed = nextSeed, items } = {}) {
      nextSeed = seed + 1
      const chosen = items ? Array.from(items) : Array.from({ length: batchSize }, (_, b) => b)
      for (const item of chosen)
        if (!Number.isSafeInteger(item) || item < 0) throw new RangeError(`Chase: item ${item} is no game's number`)
      games = chosen.map((item) => {
        const rng = Rng.of(seed, 'chase', item)
        return { spot: rng.integer(cells), drift: rng.integer(2) === 0 ? -1 : 1, hand: rng.integer(cells) }
      })
      location = new Float32Array(games.length)
      time = 0
      look()
      return { observation: observation(), info: {} }
    },

    step({ location: next, move }: Action) {
      if (time < 0) throw new Error('Chase: step before the first reset; call reset first')
      if (next?.length !== games.length || move?.length !== games.length || !move.every((m) => m >= 0 && m < 3))
        throw new RangeError(`Chase: ${games.length} locations and moves (0, 1 or 2) expected`)
      const reward = new Float32Array(games.length)
      const running = time++ < steps
      for (const [b, game] of games.entries()) {
        if (!running) continue
        if (game.spot + game.drift < 0 || game.spot + game.drift >= cells) game.drift = -game.drift
        game.spot += game.drift
        game.hand = Math.min(Math.max(game.hand + move[b]! - 1, 0), cells - 1)
        reward[b] = game.hand === game.spot ? 1 / steps : 0
      }
      const over = time >= steps ? 1 : 0
      location = Float32Array.from(next, (x) => Math.min(Math.max(x, -1), 1))
      if (!over) look() // nothing is seen any more of an episode that has ended
      const flags = (value: number): Uint8Array => new Uint8Array(games.length).fill(value)
      return { observation: observation(), info: {}, reward, terminated: flags(over), truncated: flags(0) }
    },
  }
}

registerEnvironment({
  id: 'Chase',
  description: 'follow a spot along a line with a hand, seeing three cells at a time',
  options: z.strictObject({}),
  create: (_options, setting) => chase(setting),
})
