import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode } from 'fast-png'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { openRun } from '../../src/inference/open-run.ts'
import type { Replay } from '../../src/inference/replay.ts'
import { film, reelOf, tweens } from '../../src/report/film.ts'
import { chooseAnswers, drawGaze, drawReport } from '../../src/report/pictures.ts'
import { Statistics } from '../../src/report/statistics.ts'
import { stepsShown } from '../../src/report/strip.ts'
import { newRun } from './support.ts'

const source = { checkpoint: 'best', engine: 'cpu' } as const

/** What was written and what could not be. */
function listener() {
  const heard = { files: [] as string[], problems: [] as string[] }
  return {
    ...heard,
    written: (path: string) => void heard.files.push(path),
    problem: (message: string) => void heard.problems.push(message),
  }
}

/** A GIF's screen size, whether it loops, and its frames' delays in milliseconds, by its block structure. */
function readGif(bytes: Uint8Array): { width: number; height: number; loops: boolean; delays: number[] } {
  const word = (at: number): number => bytes[at]! | (bytes[at + 1]! << 8)
  const tableSize = (flags: number): number => (flags & 128 ? 3 * 2 ** ((flags & 7) + 1) : 0)
  const delays: number[] = []
  let [loops, delay] = [false, 0]
  let at = 13 + tableSize(bytes[10]!)
  const skipBlocks = (): void => {
    while (bytes[at] !== 0) at += bytes[at]! + 1
    at++
  }
  while (bytes[at] !== 0x3b) {
    if (bytes[at] === 0x21) {
      if (bytes[at + 1] === 0xf9) delay = 10 * word(at + 4)
      if (bytes[at + 1] === 0xff) loops = true
      at += 2
      skipBlocks()
    } else {
      assert.is(bytes[at], 0x2c, 'an image')
      delays.push(delay)
      at += 10 + tableSize(bytes[at + 9]!) + 1
      skipBlocks()
    }
  }
  assert.is(new TextDecoder().decode(bytes.subarray(0, 6)), 'GIF89a')
  return { width: word(6), height: word(8), loops, delays }
}

test('report draws curves, error by glimpse, confusion and gallery, each as SVG and PNG of twice its size', async () => {
  const [first, second] = [newRun(), newRun({ training: { seed: 1 } })]
  const heard = listener()
  await drawReport([first, second], { ...source, items: 40 }, heard)
  assert.equal(heard.problems, [])
  const names = ['learning-curves', 'gallery', 'confusion', 'error-by-glimpse']
  const expected = [
    ...names.map((name) => join(first, 'pictures', name)),
    ...['gallery', 'confusion'].map((name) => join(second, 'pictures', name)),
  ]
  assert.equal(heard.files.sort(), expected.flatMap((path) => [`${path}.png`, `${path}.svg`]).sort())
  for (const path of expected) {
    const [, width, height] = /^<svg[^>]* width="(\d+)" height="(\d+)"/.exec(readFileSync(`${path}.svg`, 'utf8')) ?? []
    const png = decode(readFileSync(`${path}.png`))
    assert.equal([png.width, png.height], [2 * Number(width), 2 * Number(height)], path)
  }
  assert.match(readFileSync(join(first, 'pictures/learning-curves.svg'), 'utf8'), /2 runs; lines: means over runs/)
})

test('watch draws the film, the strip and the map, whatever the number of scales', async () => {
  const path = newRun({ environment: { id: 'TranslatedMNIST', glimpses: 2, scales: 3 } })
  const heard = listener()
  await drawGaze(path, { ...source, items: [3], greedy: true, heatItems: 20, scale: 0.5 }, heard)
  assert.equal(heard.problems, [])
  const names = ['gaze.gif', 'gaze-strip.svg', 'gaze-strip.png', 'gaze-heat.svg', 'gaze-heat.png']
  assert.equal(
    heard.files,
    names.map((name) => join(path, 'pictures', name)),
  )
  const gif = readGif(readFileSync(join(path, 'pictures/gaze.gif')))
  // the first look, another with the eye's and the belief's way to it, the verdict
  assert.is(gif.delays.length, 1 + (tweens.moving + tweens.settling) + 1)
  const card = 3 * 104 + 3 * 10 + 132
  assert.is(gif.width, (card + 2 * 20) / 2, 'one card and its margins, at half the size')
  assert.ok(gif.loops)
  assert.is(Math.max(...gif.delays), gif.delays.at(-1), 'the verdict stays longest')
})

test('a game is filmed step by step, and its end is shown', async () => {
  const path = newRun({ environment: { id: 'Catch', side: 6, glimpseSide: 2, scales: 2 } })
  const { player, dispose } = await openRun(path, { engine: 'cpu' })
  const replay = await player.play([0, 1, 2])
  // a screen of 6 rows: the ball falls for 5 steps
  assert.is(replay.pictures?.length, 5)
  assert.is(film(reelOf(player.environment, replay, 'Catch')).length, 5 + 1)
  const rowOfBall = (pixels: Uint8Array): number => Math.floor(pixels.findIndex((value) => value > 0) / 6)
  assert.equal(
    replay.pictures!.map(([picture]) => rowOfBall(picture!.pixels)),
    [0, 1, 2, 3, 4],
  )
  assert.is(rowOfBall(replay.finale![0]!.pixels), 5, 'in the row of the paddle')
  dispose()
})

test('a replay says what was seen where, and the same items replay alike', async () => {
  const path = newRun()
  const { player, epoch, dispose } = await openRun(path, { engine: 'cpu' })
  const [first, again, alone] = [await player.play([5, 6]), await player.play([5, 6]), await player.play([6])]
  assert.is(epoch, 2)
  assert.equal([first.batch, first.steps, first.belief!.count], [2, 3, 10])
  assert.equal(first.belief, again.belief)
  assert.equal(first.locations.slice(2, 4), alone.locations.slice(0, 2), 'whatever else is in the batch')
  for (let row = 0; row < 6; row++) {
    const total = first.belief!.probabilities.slice(10 * row, 10 * row + 10).reduce((sum, value) => sum + value, 0)
    assert.ok(Math.abs(total - 1) < 1e-5, 'a belief adds up to 1')
  }
  assert.equal(
    first.observations.flatMap(({ location }) => [...location]),
    [...first.locations],
  )
  assert.equal([...first.prediction!], [...first.drawn.prediction!.slice(4)], 'the last prediction counts')
  assert.equal((await player.play([5], { brief: true })).observations, [])
  dispose()
})

test('what can be shown is shown, and what cannot is said in a line each', async () => {
  const path = newRun()
  writeFileSync(join(path, 'metrics.jsonl'), '{"epoch":1,"epochs":9,"train":{"loss":1}}\n{"epoch":2,"ep')
  rmSync(join(path, 'checkpoints'), { recursive: true })
  const [gone, heard] = [join(path, 'nowhere'), listener()]
  await drawReport([path, gone], { ...source, items: 10 }, heard)
  assert.equal(
    heard.files,
    ['svg', 'png'].map((type) => join(path, `pictures/learning-curves.${type}`)),
  )
  assert.equal(heard.problems.length, 3)
  assert.match(heard.problems[0]!, /nowhere: there is no such run or file; give/)
  assert.match(heard.problems[1]!, /metrics\.jsonl: line 2 is half written/)
  assert.match(heard.problems[2]!, /no checkpoint here/)
  assert.ok(heard.problems.every((problem) => !problem.includes('\n')))
})

test('a checkpoint of another version keeps its curves and says so', async () => {
  const path = newRun()
  const state = join(path, 'checkpoints/best/state.json')
  writeFileSync(state, readFileSync(state, 'utf8').replace('"format": 1', '"format": 99'))
  const heard = listener()
  await drawReport([path], { ...source, items: 10 }, heard)
  assert.ok(existsSync(join(path, 'pictures/learning-curves.png')))
  assert.match(heard.problems.join(), /checkpoint format 99, this version reads 1/)
})

test('a world that cannot be rendered, or has no right classes, says which pictures it lacks', async () => {
  const path = newRun({ environment: { id: 'probe/value' } })
  const heard = listener()
  await drawReport([path], { ...source, items: 10 }, heard)
  assert.equal(heard.problems, [
    'probe/value cannot be rendered: no gallery',
    'probe/value has no right classes: no confusion matrix, no error by glimpse',
  ])
  await drawGaze(path, { ...source, items: [0], greedy: true, heatItems: 10, scale: 1 }, heard).then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, /probe\/value cannot be watched: it has no method render/),
  )
})

test('where none of the paths holds a run there is nothing to draw', async () => {
  const nothing = mkdtempSync(join(tmpdir(), 'saccade-'))
  await drawReport([nothing], source, listener()).then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.name, 'UserError'),
  )
})

test('statistics count errors after each glimpse, confusions, and looks but the first', () => {
  const statistics = new Statistics(2, 2)
  // two episodes of class 0 and 1; the first is right at last, the second at first
  const replay = {
    ...{ batch: 2, steps: 2, items: [7, 8], target: Int32Array.of(0, 1), prediction: Int32Array.of(0, 0) },
    ...{ returns: Float32Array.of(1, 0), lengths: Int32Array.of(2, 2) },
    belief: {
      ...{ of: 'prediction', count: 2, decided: Int32Array.of(0, 0), names: ['a', 'b'] },
      probabilities: Float32Array.of(0.25, 0.75, 0.5, 0.5 + 1e-3, 0.75, 0.25, 0.75, 0.25),
    },
    locations: Float32Array.of(9, 9, 9, 9, 0.5, -0.5, 0, 1),
  } as unknown as Replay
  statistics.add(replay)
  assert.equal(statistics.gains.error, [50, 50])
  // (0.25 + 0.5) / 2, (0.75 + 0.25) / 2
  assert.ok(Math.abs(statistics.gains.beliefInTarget[0]! - 0.3755) < 1e-4)
  assert.is(statistics.gains.beliefInTarget[1], 0.5)
  assert.equal([...statistics.confusion], [1, 0, 1, 0])
  assert.equal(statistics.looks, [
    { x: 0.5, y: -0.5, target: 0 },
    { x: 0, y: 1, target: 1 },
  ])
  assert.equal(
    chooseAnswers(statistics.verdicts, false, 5).map(({ item }) => item),
    [8],
  )
})

test('a long episode is printed at eight steps, the first and the last among them', () => {
  assert.equal(stepsShown(6), [0, 1, 2, 3, 4, 5])
  assert.equal(stepsShown(23), [0, 3, 6, 9, 13, 16, 19, 22])
  assert.equal(stepsShown(1), [0])
})

test.run()
