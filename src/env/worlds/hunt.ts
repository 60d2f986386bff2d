// Scenes of Hunt: one T among many Ls on a large black canvas, and which way the T stands is to be said: the classic of
// visual search (Treisman and Gelade 1980; Wolfe 1994), on canvases too large to be painted. What is looked at is drawn.

import { OptionError } from '../../core/errors.ts'
import { Rng } from '../../core/rng.ts'
import { Discrete } from '../spaces.ts'
import { type Stroke, StrokeCanvas } from '../vision/strokes.ts'
import type { DrawnScenes, EyeShape, View } from './view.ts'

/** What is on the canvas. */
export type Hunt = {
  /** Pixels along one side of the canvas. */
  readonly side: number
  /** How many Ls. */
  readonly distractors: number
  /** Pixels along one side of a letter; its strokes are a fifth as wide. */
  readonly letterSide: number
  /** In (0, 1]: how light the Ls are; the T is white. */
  readonly distractorLight: number
  readonly itemCount: number
  /** In [0, 1]: the share of episodes whose first look is taken near the T; 0 by default. */
  readonly nearStarts?: number
  /** Scenes that are the same whatever the seed of a reset: the name of their stream; false for new ones. */
  readonly fixed: string | false
}

const directions = ['up', 'right', 'down', 'left'] as const

/**
 * A hunt as scenes. Letters lie on the canvas whole and apart. A scene is a function of the seed (or of `fixed`) and its
 * item. @throws RangeError where the letters do not fit.
 */
export function huntScenes(hunt: Hunt): DrawnScenes {
  const { side, distractors, letterSide, itemCount, nearStarts = 0, fixed } = hunt
  const places = Math.floor(side / (2 * letterSide)) ** 2
  if (distractors + 1 > places)
    throw new OptionError(
      `Hunt: ${distractors} distractors of ${letterSide} pixels and the target do not fit on a canvas of ${side}x${side}; ${places - 1} at most`,
    )
  const rngOf = (seed: number, item: number): Rng =>
    fixed === false ? Rng.of(seed, 'hunt', item) : Rng.of(0, 'hunt', fixed, item)
  return {
    ...{ height: side, width: side, channels: 1, itemCount },
    predictionSpace: new Discrete(directions.length),
    classNames: directions,
    target(seed, item, out, at) {
      out[at] = rngOf(seed, item).integer(directions.length) // the first draw of the scene's stream
    },
    ...(nearStarts > 0 && {
      firstLook(seed, item, rng) {
        if (rng.uniform(0, 1) >= nearStarts) return undefined
        const [bar, stem] = lettersOf(hunt, rngOf(seed, item)).next().value as Letter // the T's
        const reach = letterSide * (side / letterSide) ** rng.uniform(0, 1)
        const near = (corner: number): number => {
          const middle = corner + letterSide / 2
          const [from, to] = [Math.max(0, middle - reach / 2), Math.min(side, middle + reach / 2)]
          return (2 * rng.uniform(from, to)) / side - 1
        }
        return [near(Math.min(bar.left, stem.left)), near(Math.min(bar.top, stem.top))]
      },
    }),
    view: (eye) => huntView(hunt, eye, rngOf),
  }
}

function huntView(
  hunt: Hunt,
  { glimpseSide, scales, scaleFactor }: EyeShape,
  rngOf: (seed: number, item: number) => Rng,
): View {
  const cells = Array.from({ length: scales }, (_, s) => scaleFactor ** s)
  const scaleSize = glimpseSide * glimpseSide
  let canvases: StrokeCanvas[] = []
  return {
    size: scales * scaleSize,
    show(seed, items) {
      canvases = Array.from(
        items,
        (item) => new StrokeCanvas(hunt.side, [...lettersOf(hunt, rngOf(seed, item))].flat()),
      )
    },
    look(scene, location, out, asleep) {
      for (let b = 0; b < scene.length; b++) {
        if (asleep?.[b]) continue
        const [x, y] = [((location[2 * b]! + 1) / 2) * hunt.side, ((location[2 * b + 1]! + 1) / 2) * hunt.side]
        for (const [s, cell] of cells.entries())
          canvases[scene[b]!]!.look(x, y, glimpseSide, cell, out, b * scales * scaleSize + s * scaleSize)
      }
    },
    picture: (scene) => canvases[scene]!.picture(cells.map((cell) => cell * glimpseSide)),
  }
}

/** The strokes of all letters, the T first; those that are not asked for are not drawn. */
function* lettersOf({ side, distractors, letterSide, distractorLight }: Hunt, rng: Rng): Generator<Letter, void> {
  const direction = rng.integer(directions.length)
  const pitch = 2 * letterSide
  const columns = Math.floor(side / pitch)
  const taken = new Set<number>()
  for (let n = 0; n <= distractors; n++) {
    let place = rng.integer(columns * columns)
    while (taken.has(place)) place = (place + 1) % (columns * columns)
    taken.add(place)
    // a letter moves freely in the upper left three quarters of its place, and so never touches another
    const x = (place % columns) * pitch + rng.integer(letterSide - 1)
    const y = Math.floor(place / columns) * pitch + rng.integer(letterSide - 1)
    const turns = n === 0 ? direction : rng.integer(directions.length)
    yield letter(n === 0, turns, x, y, letterSide, n === 0 ? 1 : distractorLight)
  }
}

/** A T (its bar on the side it stands to, its stem from the middle) or an L, turned clockwise by quarters. */
function letter(isT: boolean, turns: number, x: number, y: number, side: number, light: number): Letter {
  const width = side / 5
  const middle = (side - width) / 2
  const bar: Box = [0, 0, side, width]
  const stem: Box = isT ? [middle, width, middle + width, side] : [0, width, width, side]
  const turned = (box: Box): Stroke => {
    let [left, top, right, bottom] = box
    for (let i = 0; i < turns; i++) [left, top, right, bottom] = [side - bottom, left, side - top, right]
    return { left: x + left, right: x + right, top: y + top, bottom: y + bottom, light }
  }
  return [turned(bar), turned(stem)]
}

/** Bar and stem. */
type Letter = readonly [Stroke, Stroke]

/** Left, top, right, bottom. */
type Box = readonly [number, number, number, number]
