// The pictures of runs, from what their directories hold: which there are, how they are called, and what to say where one
// cannot be drawn.

import { dirname, join } from 'node:path'
import { UserError } from '../core/errors.ts'
import type { Environment } from '../env/environment.ts'
import { categoriesOf } from '../env/spaces.ts'
import { findAgent } from '../inference/find-agent.ts'
import { type OpenedRun, openRun } from '../inference/open-run.ts'
import type { Player } from '../inference/replay.ts'
import type { CheckpointKind } from '../runs/checkpoint.ts'
import { writeWhole } from '../runs/files.ts'
import { importNamed } from '../runs/imports.ts'
import { asRunConfig, isRun, type RunOnDisk, readRun } from '../runs/read-run.ts'
import { drawCurves, drawGains } from './charts.ts'
import { drawConfusion } from './confusion.ts'
import { learningCurves } from './curves.ts'
import { film, type Reel, reelOf } from './film.ts'
import { encodeGif } from './gif.ts'
import { type Group, groupRuns } from './groups.ts'
import { drawHeat, type HeatPanel } from './heat.ts'
import { isCovered } from './measure.ts'
import { toPng, wordsOf } from './raster.ts'
import type { Heading } from './sheet.ts'
import { gather, type Statistics, type Verdict } from './statistics.ts'
import { drawGallery, drawStrip } from './strip.ts'

/** Told of every file that was written, and of everything that could not be drawn: one line each. */
export type Listener = {
  written(path: string): void
  problem(message: string): void
}

/** What to draw from. */
export type Source = {
  readonly checkpoint: CheckpointKind
  readonly engine: string
}

/** How many episodes of an endless world are played for statistics. */
const endless = 1000

/** Write a picture as SVG and PNG. */
function write(directory: string, name: string, svg: string, { written, problem }: Listener): void {
  for (const [path, data] of [
    [join(directory, `${name}.svg`), svg],
    [join(directory, `${name}.png`), toPng(svg)],
  ] as const) {
    writeWhole(path, data)
    written(path)
  }
  if (!isCovered(wordsOf(svg)))
    problem(
      `${join(directory, name)}.png: some letters are drawn with the fonts of this system, if it has them; the SVG has them all`,
    )
}

/** Do it, and say in one line where it cannot be done. Whether it could. */
async function attempt(listener: Listener, doing: () => Promise<void>): Promise<boolean> {
  try {
    await doing()
    return true
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    listener.problem(error.message)
    return false
  }
}

/**
 * Draw what runs have become: `learning-curves` and `error-by-glimpse` of all together, into `out`, or `pictures/` of
 * the first; `confusion` and `gallery` of each into its own `pictures/`. Every picture is a .svg and a .png.
 * @param items how many test items are played; all by default
 * @throws UserError where none of the paths holds a run.
 */
export async function drawReport(
  paths: readonly string[],
  { out, items, ...source }: Source & { readonly out?: string | undefined; readonly items?: number | undefined },
  listener: Listener,
): Promise<void> {
  const runs: Reported[] = []
  for (const given of paths) await attempt(listener, async () => void runs.push(reported(given)))
  if (runs.length === 0) throw new UserError('there is nothing to draw: none of the directories holds a run')
  for (const { path, problems, points } of runs) {
    for (const problem of problems) listener.problem(join(path, problem))
    if (points.length === 0) listener.problem(`${path} has no epoch yet`)
  }
  for (const { config, path } of runs)
    await attempt(listener, () => importNamed(asRunConfig(config)?.imports ?? [], path))
  const together = out ?? join(runs[0]!.home, 'pictures')
  const played = new Map<RunOnDisk, Statistics>()
  for (const run of runs)
    await attempt(listener, async () => {
      const opened = await openRun(run.given, source)
      try {
        const own = out !== undefined && runs.length === 1 ? out : join(run.home, 'pictures')
        const statistics = await drawAnswers(opened, own, items, listener)
        if (statistics) played.set(run, statistics)
      } finally {
        opened.dispose()
      }
    })
  drawTogether(groupRuns(runs), played, together, listener)
}

/** A run, how it was given, and where what is drawn of it goes. */
type Reported = RunOnDisk & { readonly given: string; readonly home: string }

/** A run by its directory; an agent of the zoo lies beside what its run said of itself. @throws UserError where there is none. */
function reported(given: string): Reported {
  const { kind, path, home } = findAgent(given)
  const directory = kind === 'run' ? path : dirname(path)
  if (!isRun(directory)) throw new UserError(`${given} holds no run`)
  return { ...readRun(directory), given, home }
}

/** Learning curves and error by glimpse of all runs. */
function drawTogether(
  groups: readonly Group<RunOnDisk>[],
  played: ReadonlyMap<RunOnDisk, Statistics>,
  directory: string,
  listener: Listener,
): void {
  // guessing is a level to compare with where all runs name one of as many classes
  const counts = new Set(Array.from(played.values(), ({ classes }) => classes))
  const classes = counts.size === 1 ? [...counts][0] : undefined
  const panels = learningCurves(groups)
  const labels = groups.map(({ label }) => label)
  if (panels.length > 0)
    write(directory, 'learning-curves', drawCurves(panels, labels, headingOf('Learning', groups), classes), listener)
  const gains = groups
    .map(({ label, runs }) => ({
      label,
      gains: runs.flatMap((run) => (played.has(run) ? [played.get(run)!.gains] : [])),
    }))
    .filter((group) => group.gains.length > 0)
  const head = headingOf('What each glimpse is worth', groups)
  if (gains.length > 0) write(directory, 'error-by-glimpse', drawGains(gains, head, classes), listener)
}

/** Confusion and gallery of one run; its statistics, where the world has right classes. */
async function drawAnswers(
  opened: OpenedRun,
  directory: string,
  items: number | undefined,
  listener: Listener,
): Promise<Statistics | undefined> {
  const { player, epoch, config } = opened
  const { environment } = player
  const statistics = await gather(player, countOf(player, items))
  const { verdicts } = statistics
  const failures = verdicts.filter(({ correct }) => !correct).length
  const share = `${((100 * failures) / verdicts.length).toFixed(2)} %`
  const subtitle = `${config.algorithm.name} after ${epoch} epochs; ${verdicts.length.toLocaleString('en')} items of the test split, mean locations`
  const hasTargets = verdicts.some(({ target }) => target !== undefined)
  const title = `${environment.id}: ${failures.toLocaleString('en')} ${hasTargets ? 'wrong' : 'not paid'}, ${share}`
  if (environment.render) {
    const pick = async (correct: boolean): Promise<Reel | undefined> => {
      const chosen = chooseAnswers(verdicts, correct, correct ? 16 : 24).map(({ item }) => item)
      return chosen.length > 0 ? reelOf(environment, await player.play(chosen), title) : undefined
    }
    write(directory, 'gallery', drawGallery(await pick(true), await pick(false), { title, subtitle }), listener)
  } else listener.problem(`${environment.id} cannot be rendered: no gallery`)
  if (!hasTargets) {
    listener.problem(`${environment.id} has no right classes: no confusion matrix, no error by glimpse`)
    return undefined
  }
  write(
    directory,
    'confusion',
    drawConfusion(statistics.confusion, namesOf(player.environment), { title, subtitle }),
    listener,
  )
  return statistics
}

/** The first right answers, or the wrong ones that were given with most confidence. */
export function chooseAnswers(verdicts: readonly Verdict[], correct: boolean, most: number): Verdict[] {
  const chosen = verdicts.filter((verdict) => verdict.correct === correct)
  if (!correct) chosen.sort((a, b) => b.confidence - a.confidence)
  return chosen.slice(0, most)
}

/** Which episodes to watch, and how. */
export type Watching = Source & {
  readonly out?: string | undefined
  readonly items: readonly number[]
  /** Mean locations, or drawn ones. */
  readonly greedy: boolean
  /** How many test items the heat map is made of. */
  readonly heatItems: number
  /** Enlarges the film. */
  readonly scale: number
}

/** Episodes of these items, to be drawn. @throws UserError where the world cannot be rendered, or has no such items. */
export async function reelOfItems(
  { player, epoch, config }: OpenedRun,
  { items, greedy }: Pick<Watching, 'items' | 'greedy'>,
): Promise<Reel> {
  const { environment } = player
  if (!environment.render)
    throw new UserError(`${environment.id} cannot be watched: it has no method render (see Environment.render)`)
  const [unknown] = items.filter((item) => item >= environment.itemCount)
  if (unknown !== undefined)
    throw new UserError(`item ${unknown}: ${environment.id} has the test items 0 to ${environment.itemCount - 1}`)
  const title = `${environment.id}, ${config.algorithm.name}, after ${epoch} epochs`
  return reelOf(environment, await player.play(items, { greedy }), title)
}

/**
 * Draw how an agent looks at things, that of a run, of a file or of the zoo: `gaze.gif`, `gaze-strip` and `gaze-heat` (SVG
 * and PNG), by default in the run's `pictures/`.
 * @throws UserError where it cannot be played, or its world cannot be rendered.
 */
export async function drawGaze(given: string, watching: Watching, listener: Listener): Promise<void> {
  const opened = await openRun(given, watching)
  const { player } = opened
  const directory = watching.out ?? join(findAgent(given).home, 'pictures')
  try {
    const { environment } = player
    const reel = await reelOfItems(opened, watching)
    const gif = join(directory, 'gaze.gif')
    writeWhole(gif, encodeGif(film(reel), watching.scale))
    listener.written(gif)
    write(directory, 'gaze-strip', drawStrip(reel), listener)
    const count = Math.min(countOf(player, undefined), watching.heatItems)
    const { looks, verdicts } = await gather(player, count)
    const subtitle = `${looks.length.toLocaleString('en')} looks at ${verdicts.length.toLocaleString('en')} items of the test split, the first looks left out; behind, the mean ${reel.moving ? 'first scene' : 'image'}`
    const head = { title: `${environment.id}: where it looks`, subtitle }
    const panels = meanPictures(player, count)
    const { windows, ...shape } = environment.render!(0)
    write(directory, 'gaze-heat', drawHeat(looks, panels, { ...shape, window: windows[0]! }, head), listener)
  } finally {
    opened.dispose()
  }
}

/** The mean scene of each class, pale, and the class's name; of a world without classes, of all. */
function meanPictures(player: Player, count: number): HeatPanel[] {
  const { environment } = player
  const sums = new Map<number, { total: Float64Array; scenes: number }>()
  const scenes = Math.min(count, 1000)
  const { info } = environment.reset({ seed: 0, items: Array.from({ length: scenes }, (_, i) => i) })
  for (let b = 0; b < scenes; b++) {
    const { pixels } = environment.render!(b)
    const k = info.target?.[b] ?? 0
    const sum = sums.get(k) ?? { total: new Float64Array(pixels.length), scenes: 0 }
    sum.scenes++
    for (let i = 0; i < pixels.length; i++) sum.total[i]! += pixels[i]!
    sums.set(k, sum)
  }
  const { height, width, channels } = environment.render!(0)
  const classes = info.target ? namesOf(environment) : ['all scenes']
  return classes.map((name, k) => {
    const sum = sums.get(k)
    if (!sum) return { name, mean: undefined }
    const mean = Float64Array.from(sum.total, (value) => value / sum.scenes)
    return { name, mean: { pixels: paled(mean, channels), height, width, channels } }
  })
}

/** Pale, to be drawn upon: grey as ink on paper, colours as they are. */
function paled(mean: Float64Array, channels: number): Uint8Array {
  if (channels === 3) return Uint8Array.from(mean, (value) => 255 - Math.round(0.5 * (255 - value)))
  const largest = mean.reduce((most, value) => Math.max(most, value), 1)
  return Uint8Array.from(mean, (value) => 255 - Math.round((110 * value) / largest))
}

const countOf = ({ environment }: Player, wanted: number | undefined): number =>
  Math.min(wanted ?? Infinity, Number.isFinite(environment.itemCount) ? environment.itemCount : endless)

/** What the runs have in common, for the words above a chart. */
function headingOf(title: string, groups: readonly Group<RunOnDisk>[]): Heading {
  const runs = groups.flatMap((group) => group.runs)
  const worlds = [...new Set(runs.flatMap(({ config }) => asRunConfig(config)?.environment.id ?? []))]
  const [only] = runs
  const seeds = Math.max(...groups.map((group) => group.runs.length))
  const subtitle =
    runs.length === 1
      ? `${asRunConfig(only!.config)?.algorithm.name ?? 'run'}, ${only!.name}`
      : seeds > 1
        ? `${runs.length} runs; lines: means over runs that differ in the seed alone, bands: the smallest to the largest of them`
        : `${runs.length} runs`
  return { title: worlds.length > 0 ? `${title}: ${worlds.join(', ')}` : title, subtitle }
}

/** What the classes of a world's prediction are called; numbers, where they have no names. */
function namesOf({ names, predictionSpace }: Environment): readonly string[] {
  const count = predictionSpace ? (categoriesOf(predictionSpace)[0] ?? 0) : 0
  return names?.prediction ?? Array.from({ length: count }, (_, k) => String(k))
}
