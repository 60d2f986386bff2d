// Played episodes as a page draws them. Runs in a browser too.

import { UserError } from '../core/errors.ts'
import type { Replay } from '../inference/replay.ts'
import { verdictOn } from '../report/verdict.ts'
import type { Gaze, GazeEpisode } from './protocol.ts'

/** Episodes as a page draws them, of an agent after `epoch` epochs. @throws UserError where the world has no pictures. */
export function gazeOf(replay: Replay, epoch: number): Gaze {
  const picture = replay.pictures?.[0]?.[0]
  if (!picture) throw new UserError('this world cannot be drawn')
  const { width, height, channels, windows } = picture
  return {
    ...{ epoch, width, height, channels, windows },
    names: replay.belief?.names ?? [],
    game: replay.prediction === undefined,
    episodes: Array.from({ length: replay.batch }, (_, b) => episodeOf(replay, b)),
  }
}

function episodeOf(replay: Replay, b: number): GazeEpisode {
  const { lengths, batch, belief, target, locations, drawn, pictures } = replay
  const steps = Array.from({ length: lengths[b]! }, (_, t) => t * batch + b)
  const scenes = steps.map((_, t) => base64Of(pictures![t]![b]!.pixels))
  const { correct, words } = verdictOn(replay, b)
  const named = belief && drawn[belief.of]
  // several places or coordinates are not drawn as bars: of those the page shows the verdict alone
  const single = named?.length === replay.steps * batch
  return {
    scenes: scenes.every((scene) => scene === scenes[0]) ? scenes.slice(0, 1) : scenes,
    ...(target && single && { target: target[b]! }),
    ...{ hit: correct, result: words },
    locations: steps.map((row) => [locations[2 * row]!, locations[2 * row + 1]!]),
    decided: single ? steps.map((row) => named[row]!) : [],
    beliefs: single
      ? steps.map((row) => [...belief!.probabilities.subarray(row * belief!.count, (row + 1) * belief!.count)])
      : [],
  }
}

/** Bytes in base64. */
function base64Of(bytes: Uint8Array): string {
  let letters = ''
  // an argument a byte, so not all at once
  for (let from = 0; from < bytes.length; from += 8192)
    letters += String.fromCharCode(...bytes.subarray(from, from + 8192))
  return btoa(letters)
}
