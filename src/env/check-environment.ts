// The laws of `environment.ts`, executable. `checkEnvironment` plays a few short episodes and throws at the first law
// that is broken, naming it. It does not judge whether a task makes sense or can be learned.

import { Rng } from '../core/rng.ts'
import type { Action, Environment, Start, Step } from './environment.ts'
import { clip } from './episodes.ts'
import { Box, Discrete } from './spaces.ts'

/**
 * Hold a freshly made environment to the laws of `Environment`.
 * @throws Error naming the law that is broken and what was found.
 */
export function checkEnvironment(environment: Environment): void {
  checkDeclaration(environment)
  checkStepBeforeReset(environment)
  const { itemCount } = environment
  const last = Math.min(itemCount, 1000) - 1
  const items = [0, last, 0, Math.floor(last / 2), 0]
  checkEpisodes(environment, items)
  checkPicture(environment, items)
  checkBatchSize(environment)
  checkDeterminism(environment, items)
  checkIndependence(environment, items)
  checkOwnership(environment, items)
  checkLastAction(environment, items)
  checkFaults(environment, items)
}

const testSeed = 3

function fail(environment: Environment, law: string, found: string): never {
  throw new Error(`${environment.id || 'environment'}: ${law}; ${found}`)
}

// ---- What it says of itself ----

function checkDeclaration(environment: Environment): void {
  const { id, batchSize, horizon, itemCount, choiceAt, choiceNames, observationSpace, actionSpace } = environment
  const { glimpse, location } = observationSpace
  const { location: aim, choice, stop, belief } = actionSpace
  const laws: readonly (readonly [law: string, holds: boolean, found: unknown])[] = [
    ['id must be a name', typeof id === 'string' && id !== '', id],
    ['batchSize must be a positive integer', isCount(batchSize), batchSize],
    ['horizon must be a positive integer', isCount(horizon), horizon],
    ['itemCount must be a positive integer or Infinity', isCount(itemCount) || itemCount === Infinity, itemCount],
    ['choiceAt must be "end" or "every-step"', choiceAt === 'end' || choiceAt === 'every-step', choiceAt],
    ['observationSpace.glimpse must be a Box [S, G, G, C] in [0, 1]', isGlimpseBox(glimpse), glimpse],
    ['observationSpace.location must be a Box [2] in [-1, 1]', isBox(location, -1, 1, 2), location],
    ['actionSpace.location must be a Box [2] in [-1, 1]', isBox(aim, -1, 1, 2), aim],
    ['actionSpace.choice must be Discrete', choice instanceof Discrete, choice],
    ['actionSpace.stop must be Discrete(2)', !stop || (stop instanceof Discrete && stop.count === 2), stop],
    ['actionSpace.belief must be a Box [K] in [0, 1]', !belief || isBox(belief, 0, 1, choice.count), belief],
    [
      `choiceNames must name each of the ${choice.count} choices`,
      !choiceNames || choiceNames.length === choice.count,
      choiceNames,
    ],
  ]
  for (const [law, holds, found] of laws)
    if (!holds) fail(environment, law, `found ${typeof found === 'object' ? JSON.stringify(found) : found}`)
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value > 0

const isBox = (space: Box, low: number, high: number, length: number): boolean =>
  space instanceof Box && space.low === low && space.high === high && space.shape.join() === String(length)

const isGlimpseBox = (space: Box): boolean =>
  space instanceof Box &&
  space.low === 0 &&
  space.high === 1 &&
  space.shape.length === 4 &&
  space.shape[1] === space.shape[2]

// ---- One episode after the other ----

function checkEpisodes(environment: Environment, items: readonly number[]): void {
  const start = environment.reset({ seed: testSeed, items })
  checkStart(environment, start, items.length)
  let before: Start & Partial<Step> = start
  // beyond the horizon too: an episode that has ended stays as it is
  for (let time = 0; time < environment.horizon + 2; time++) {
    const action = makeAction(environment, items, time)
    const after = environment.step(action)
    checkStart(environment, after, items.length)
    checkStep(environment, after, items.length)
    for (let b = 0; b < items.length; b++) checkRow(environment, before, action, after, b, time)
    if (!sameBytes(start.info.target, after.info.target))
      fail(environment, 'info.target must stay the same through an episode', `it changed at step ${time + 1}`)
    before = after
  }
}

function checkStart(environment: Environment, { observation, info }: Start, batch: number): void {
  const { observationSpace, actionSpace } = environment
  const { glimpse, location, ...rest } = observation
  for (const [name, values] of Object.entries({ glimpse, location })) {
    const space = observationSpace[name as 'glimpse' | 'location']
    if (!(values instanceof Float32Array))
      fail(environment, `observation.${name} must be a Float32Array`, `found ${describe(values)}`)
    if (values.length !== batch * space.size)
      fail(environment, `observation.${name} must have ${batch} x ${space.size} numbers`, `found ${values.length}`)
    const wrong = values.findIndex((value) => !(value >= space.low && value <= space.high))
    if (wrong >= 0)
      fail(environment, `observation.${name} must lie in [${space.low}, ${space.high}]`, `found ${values[wrong]}`)
  }
  if (Object.keys(rest).length > 0)
    fail(
      environment,
      'an observation must hold glimpse and location alone, the target above all not',
      `found ${Object.keys(rest)}`,
    )
  const { target } = info
  if (target !== undefined && !(target instanceof Int32Array && actionSpace.choice.contains(target, batch)))
    fail(
      environment,
      `info.target must be an Int32Array of ${batch} classes in [0, ${actionSpace.choice.count})`,
      `found ${describe(target)}`,
    )
}

function checkStep(environment: Environment, { reward, terminated, truncated }: Step, batch: number): void {
  if (!(reward instanceof Float32Array && reward.length === batch && reward.every(Number.isFinite)))
    fail(environment, `reward must be a Float32Array of ${batch} finite numbers`, `found ${describe(reward)}`)
  for (const [name, flags] of Object.entries({ terminated, truncated }))
    if (!(flags instanceof Uint8Array && flags.length === batch && flags.every((flag) => flag <= 1)))
      fail(environment, `${name} must be a Uint8Array of ${batch} zeros and ones`, `found ${describe(flags)}`)
}

/** What one step may have done to episode b. `time` counts from 0. */
function checkRow(
  environment: Environment,
  before: Start & Partial<Step>,
  action: Action,
  after: Step,
  b: number,
  time: number,
): void {
  const where = `found otherwise in episode ${b} at step ${time + 1}`
  const wasEnded = before.terminated?.[b] === 1 || before.truncated?.[b] === 1
  const isEnded = after.terminated[b] === 1 || after.truncated[b] === 1
  if (wasEnded && (after.terminated[b] !== before.terminated?.[b] || after.truncated[b] !== before.truncated?.[b]))
    fail(environment, 'an episode that has ended must stay ended, for the same reason', where)
  if (wasEnded && after.reward[b] !== 0) fail(environment, 'an episode that has ended must pay 0', where)
  if (time + 1 >= environment.horizon && !isEnded)
    fail(environment, `every episode must end within its horizon of ${environment.horizon}`, where)
  if (environment.actionSpace.stop && action.stop?.[b] === 1 && !isEnded)
    fail(environment, 'an episode must end where action.stop is 1', where)
  if (isEnded && !sameBytes(row(before, 'glimpse', b), row(after, 'glimpse', b)))
    fail(environment, 'the observation of an episode that has ended must stay as it was', where)
  const expected = isEnded ? row(before, 'location', b) : action.location.subarray(2 * b, 2 * b + 2).map(clip)
  if (!sameBytes(expected, row(after, 'location', b)))
    fail(
      environment,
      isEnded
        ? 'the observation of an episode that has ended must stay as it was'
        : "observation.location must be the action's, clipped to [-1, 1]",
      where,
    )
}

const row = ({ observation }: Start, name: 'glimpse' | 'location', b: number): Float32Array => {
  const batch = observation.location.length / 2
  const size = observation[name].length / batch
  return observation[name].subarray(b * size, (b + 1) * size)
}

/** What a bystander sees, where the world shows it. */
function checkPicture(environment: Environment, items: readonly number[]): void {
  if (!environment.render) return
  environment.reset({ seed: testSeed, items })
  const { pixels, height, width, channels, windows } = environment.render(0)
  const scales = environment.observationSpace.glimpse.shape[0]
  const fits = pixels instanceof Uint8Array && pixels.length === height * width * channels && windows.length === scales
  if (!fits)
    fail(
      environment,
      'render must give uint8 [H, W, C] pixels and the sides of S windows',
      `found ${describe(pixels)} for ${height}x${width}x${channels} and ${windows.length} windows for ${scales} scales`,
    )
}

// ---- Whole episodes, compared ----

type Recording = readonly Partial<Record<string, Float32Array | Int32Array | Uint8Array>>[]

type Play = {
  /** Changes the actions of the last step (by choice or location) or the choices before it. */
  readonly twist?: (action: Action, time: number) => Action
  /** Write over what was returned and given, once it is recorded. */
  readonly scribble?: boolean
}

/** Play the items' episodes to their end and copy all that is seen. */
function record(environment: Environment, items: readonly number[], { twist, scribble = false }: Play = {}): Recording {
  const frames = [copyFrame(environment.reset({ seed: testSeed, items }), scribble)]
  for (let time = 0; time < environment.horizon; time++) {
    const drawn = makeAction(environment, items, time)
    const action = twist?.(drawn, time) ?? drawn
    frames.push(copyFrame(environment.step(action), scribble))
    if (scribble) for (const values of Object.values(action)) values.fill(0)
  }
  return frames
}

function copyFrame(frame: Start & Partial<Step>, scribble: boolean): Recording[number] {
  const { observation, info, reward, terminated, truncated } = frame
  const arrays = { ...observation, target: info.target, reward, terminated, truncated }
  const copies = Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, values?.slice()]))
  if (scribble) for (const values of Object.values(arrays)) values?.fill(99)
  return copies
}

/** The first difference between the episodes `rows` of a recording and another recording's, in words; '' where there is none. */
function difference(all: Recording, batch: number, rows: readonly number[], part: Recording): string {
  for (const [time, frame] of all.entries())
    for (const [name, values] of Object.entries(frame)) {
      const size = (values?.length ?? 0) / batch
      for (const [b, from] of rows.entries())
        if (
          !sameBytes(
            values?.subarray(from * size, (from + 1) * size),
            part[time]?.[name]?.subarray(b * size, (b + 1) * size),
          )
        )
          return `${name} of episode ${from} differs after ${time} steps`
    }
  return ''
}

function checkBatchSize(environment: Environment): void {
  for (const options of [{ seed: testSeed }, {}, undefined])
    checkStart(environment, environment.reset(options), environment.batchSize)
}

function checkDeterminism(environment: Environment, items: readonly number[]): void {
  const every = items.map((_, b) => b)
  const found = difference(record(environment, items), items.length, every, record(environment, items))
  if (found) fail(environment, 'the same seed and items must give the same episodes, bit for bit', found)
}

function checkIndependence(environment: Environment, items: readonly number[]): void {
  const all = record(environment, items)
  // a group of rollouts of one item must stay whole and in order; otherwise the batch may be cut and shuffled at will
  const groups = [...new Set(items)].map((item) => items.flatMap((other, b) => (other === item ? [b] : [])))
  for (const rows of [...groups, groups.reverse().flat()]) {
    const found = difference(
      all,
      items.length,
      rows,
      record(
        environment,
        rows.map((b) => items[b]!),
      ),
    )
    if (found) fail(environment, 'an episode must not depend on what else is in the batch', found)
  }
}

function checkOwnership(environment: Environment, items: readonly number[]): void {
  const every = items.map((_, b) => b)
  const clean = record(environment, items)
  const found = difference(clean, items.length, every, record(environment, items, { scribble: true }))
  if (found) fail(environment, 'the environment must keep no hold of arrays that it returned or was given', found)
  const returned: [Float32Array, Float32Array][] = []
  const keep = ({ observation }: Start) => {
    for (const values of [observation.glimpse, observation.location]) returned.push([values, values.slice()])
  }
  keep(environment.reset({ seed: testSeed, items }))
  for (let time = 0; time < environment.horizon; time++) keep(environment.step(makeAction(environment, items, time)))
  keep(environment.reset({ seed: testSeed + 1, items }))
  if (!returned.every(([values, copy]) => sameBytes(values, copy)))
    fail(environment, 'an observation must never be written to again', 'found one changed by a later step or reset')
}

function checkLastAction(environment: Environment, items: readonly number[]): void {
  const { horizon, choiceAt, actionSpace } = environment
  if (actionSpace.stop) return // episodes end at different steps
  const every = items.map((_, b) => b)
  const all = record(environment, items)
  const elsewhere: Play['twist'] = (action, time) =>
    time === horizon - 1 ? { ...action, location: action.location.map((x) => -x) } : action
  const lastLook = difference(all, items.length, every, record(environment, items, { twist: elsewhere }))
  if (lastLook) fail(environment, "the last action's location must never be looked at", lastLook)
  const otherChoice: Play['twist'] = (action, time) =>
    time === horizon - 1
      ? action
      : { ...action, choice: action.choice.map((choice) => (choice + 1) % actionSpace.choice.count) }
  const early =
    choiceAt === 'end' && difference(all, items.length, every, record(environment, items, { twist: otherChoice }))
  if (early) fail(environment, "where choiceAt is 'end', a choice before the last step must change nothing", early)
}

// ---- What must be refused ----

function checkStepBeforeReset(environment: Environment): void {
  const { batchSize } = environment
  const items = new Array<number>(batchSize).fill(0)
  if (!fails(() => environment.step(makeAction(environment, items, 0)), Error))
    fail(
      environment,
      'step before the first reset must throw an Error',
      'it did not (or the environment was not fresh)',
    )
}

function checkFaults(environment: Environment, items: readonly number[]): void {
  const { itemCount, actionSpace } = environment
  for (const item of [-1, 0.5, ...(itemCount < Infinity ? [itemCount] : [])])
    if (!fails(() => environment.reset({ seed: testSeed, items: [0, item] }), RangeError))
      fail(environment, `an item outside [0, ${itemCount}) must throw a RangeError`, `${item} did not`)
  environment.reset({ seed: testSeed, items })
  const action = makeAction(environment, items, 0)
  const wrong: Record<string, Partial<Action>> = {
    'a shorter location': { location: action.location.subarray(1) },
    'a shorter choice': { choice: action.choice.subarray(1) },
    'a choice of K': { choice: action.choice.map(() => actionSpace.choice.count) },
    'a choice of -1': { choice: action.choice.map(() => -1) },
    ...(actionSpace.stop && { 'a shorter stop': { stop: action.stop!.subarray(1) } }),
    ...(actionSpace.belief && { 'a shorter belief': { belief: action.belief!.subarray(1) } }),
  }
  for (const [what, part] of Object.entries(wrong))
    if (!fails(() => environment.step({ ...action, ...part }), RangeError))
      fail(environment, 'an action outside the action space must throw a RangeError', `${what} did not`)
}

function fails(act: () => unknown, kind: typeof Error | typeof RangeError): boolean {
  try {
    act()
    return false
  } catch (error) {
    return error instanceof kind
  }
}

// ---- Tools ----

/** Random actions, some beyond the borders; what is done in an episode depends on its item, its repetition and the time alone. */
function makeAction({ actionSpace }: Environment, items: readonly number[], time: number): Action {
  const { choice, stop, belief } = actionSpace
  const streams = items.map((item, b) =>
    Rng.of(1, item, items.slice(0, b).filter((other) => other === item).length, time),
  )
  return {
    location: Float32Array.from(streams.flatMap((rng) => [rng.uniform(-1.3, 1.3), rng.uniform(-1.3, 1.3)])),
    choice: Int32Array.from(streams, (rng) => rng.integer(choice.count)),
    ...(stop && { stop: Uint8Array.from(streams, (rng) => (rng.uniform() < 0.3 ? 1 : 0)) }),
    ...(belief && { belief: Float32Array.from(streams.flatMap((rng) => [...belief.sample(rng)])) }),
  }
}

function sameBytes(a: ArrayLike<number> | undefined, b: ArrayLike<number> | undefined): boolean {
  if (a?.length !== b?.length) return false
  for (let i = 0; i < (a?.length ?? 0); i++) if (!Object.is(a![i], b![i])) return false
  return true
}

function describe(values: unknown): string {
  if (!ArrayBuffer.isView(values)) return String(values)
  return `${values.constructor.name} [${Array.from(values as unknown as ArrayLike<number>).slice(0, 8)}]`
}
