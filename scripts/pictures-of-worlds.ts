// The picture of the worlds in the README, drawn by scripts/pictures.ts. A row a world; scenes with the eye's windows on them, and beside each what the retina sees through them.

import { encode } from 'fast-png'
import '../src/catalogue.ts'
import { Rng } from '../src/core/rng.ts'
import type { Environment, Observation, Picture } from '../src/env/environment.ts'
import { make } from '../src/env/registry.ts'
import { drawGlimpse, drawScene, type Place } from '../src/report/gaze.ts'
import { toPixels } from '../src/report/raster.ts'
import { element, svgDocument, text } from '../src/report/svg.ts'
import { faded, rule } from '../src/report/theme.ts'
import { darkened } from './dark.ts'

type Row = {
  readonly id: string
  readonly options?: Readonly<Record<string, unknown>>
  readonly words: string
  /** Which items; a game shows one item at as many moments. */
  readonly items: readonly number[]
}

/** Of an eye that may look anywhere, the first looks are not at the border. */
const middle = { startReach: 0.6 }

const rows: readonly Row[] = [
  { id: 'MNIST', words: 'the image as it is, one scale', items: [3, 2, 1, 18] },
  { id: 'FashionMNIST', words: 'clothes instead of digits', items: [0, 1, 5, 8] },
  { id: 'TranslatedMNIST', words: 'somewhere on 60x60, three scales', items: [4, 7, 11, 15] },
  { id: 'ClutteredMNIST', words: 'among pieces of other digits', items: [6, 9, 14, 17] },
  {
    id: 'ClutteredMNIST',
    options: { ...middle, canvasSide: 100, clutter: 8, scales: 4 },
    words: 'on 100x100, eight pieces, four scales',
    items: [2, 3, 5, 7],
  },
  {
    id: 'CircleSquare',
    options: {},
    words: 'a circle or a square, at any place: moves of at most 0.2',
    items: [0, 401, 802, 1203],
  },
  { id: 'CIFAR10-moves', options: {}, words: 'the same rules, in colour', items: [0, 3, 12, 25] },
  {
    id: 'MNISTLocate',
    options: {},
    words: 'which place shows what was shown first? coordinates are named',
    items: [0, 1, 2, 3],
  },
  { id: 'MNISTPairs', words: 'two digits on 100x100, both to be named', items: [0, 1, 2, 3] },
  {
    id: 'Hunt',
    options: { ...middle, canvasSide: 160, distractors: 10, scales: 4 },
    words: 'one T among Ls: which way up? here on 160x160, by default on 1024x1024',
    items: [0, 1, 2, 3],
  },
  { id: 'Catch', words: 'a ball falls, a paddle waits: four moments of one game', items: [5, 5, 5, 5] },
]

const [side, between, gap, margin, header] = [100, 4, 24, 20, 30]
const pair = 2 * side + between
const width = 2 * margin + 4 * pair + 3 * gap

/** One world's row, its upper edge at y. @throws UserError where its data is not to be had. */
function drawRow({ id, options = middle, words, items }: Row, y: number): string {
  const world = make(id, { split: 'test', ...options })
  const { shape } = world.observationSpace.glimpse
  const pairs = sightings(world, items).map(({ glimpse, place, scene }, i) => {
    const x = margin + i * (pair + gap)
    const top = y + header
    return drawScene(scene, x, top, side, { at: place }) + drawGlimpse(glimpse, shape, x + side + between, top, side)
  })
  return [
    element('line', { x1: margin, x2: width - margin, y1: y, y2: y, stroke: rule }),
    text(id, margin, y + 20, { size: 13, bold: true }),
    text(words, width - margin, y + 20, { size: 12, fill: faded, anchor: 'end' }),
    ...pairs,
  ].join('')
}

type Sighting = { readonly b: number; readonly glimpse: Float32Array; readonly place: Place }

/** Of each item the most telling of some random looks; where the world moves, of the b-th a while later than of the one before. */
function sightings(world: Environment, items: readonly number[]): (Sighting & { readonly scene: Picture })[] {
  const rng = Rng.of(2)
  const looks = 40
  const all = items.flatMap((item) => new Array<number>(looks).fill(item))
  const move = new Int32Array(all.length).fill(1)
  let { observation } = world.reset({ seed: 3, items: all })
  return items.map((_, i) => {
    if (world.actionSpace.move)
      for (let step = 0; step < 5; step++) {
        const location = world.actionSpace.location!.sample(rng, all.length)
        observation = world.step({ location, move }).observation
      }
    const seen = Array.from({ length: looks }, (_, k) => sighting(world, observation, i * looks + k))
    const best = seen.reduce((best, other) => (contrast(world, other) > contrast(world, best) ? other : best))
    return { ...best, scene: world.render!(best.b) }
  })
}

function sighting(world: Environment, { glimpse, location }: Observation, b: number): Sighting {
  const { size } = world.observationSpace.glimpse
  const place = [location[2 * b]!, location[2 * b + 1]!] as const
  return { b, glimpse: glimpse.subarray(b * size, (b + 1) * size), place }
}

/** How much the finest scale shows: its variance. */
function contrast(world: Environment, { glimpse }: Sighting): number {
  const finest = glimpse.subarray(0, glimpse.length / world.observationSpace.glimpse.shape[0]!)
  const mean = finest.reduce((sum, value) => sum + value, 0) / finest.length
  return finest.reduce((sum, value) => sum + (value - mean) ** 2, 0)
}

/** The whole picture, as a PNG. @throws UserError where the data of a world is missing. */
export function drawWorlds(dark: boolean): Uint8Array {
  const pitch = header + side + 16
  const drawn = rows.map((row, i) => drawRow(row, 8 + i * pitch))
  const svg = svgDocument(width, 8 + drawn.length * pitch, ...drawn)
  const { pixels, ...size } = toPixels(dark ? darkened(svg) : svg, 1.5)
  const data = pixels.filter((_, i) => i % 4 < 3) // nothing shines through, and without alpha the file is half as large
  return encode({ data, ...size, channels: 3 }, { zlib: { level: 9 } })
}
