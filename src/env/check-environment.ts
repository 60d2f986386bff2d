// The laws of `environment.ts`, executable. `checkEnvironment` plays a few short episodes and throws at the first law
// that is broken, naming it. It does not judge whether a task makes sense or can be learned.

import { Rng } from '../core/rng.ts'
import type { Action, Environment, Start, Step } from './environment.ts'
import { type Box, categoriesOf, describeSpace, type Space, type SpaceValues } from './spaces.ts'

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
  checkEarlyPredictions(environment, items)
  checkFaults(environment, items)
}

const testSeed = 3

function fail(environment: Environment, law: string, found: string): never {
  throw new Error(`${environment.id || 'environment'}: ${law}; ${found}`)
}

// ---- What it says of itself ----

function checkDeclaration(environment: Environment): void {
  const { id, batchSize, horizon, itemCount, observationSpace, actionSpace, predictionSpace } = environment
  const { locationAction = 'place', predictionScored = 'last-step', returnRange } = environment
  const { glimpse, location, ...further } = observationSpace
  const { location: aim, stop } = actionSpace
  const actions = Object.entries(actionSpace)
  const laws: readonly (readonly [law: string, holds: boolean, found: unknown])[] = [
    ['id must be a name', typeof id === 'string' && id !== '', id],
    ['batchSize must be a positive integer', isCount(batchSize), batchSize],
    ['horizon must be a positive integer', isCount(horizon), horizon],
    ['itemCount must be a positive integer or Infinity', isCount(itemCount) || itemCount === Infinity, itemCount],
    ['observationSpace.glimpse must be a Box [S, G, G, C] in [0, 1]', isGlimpseBox(glimpse), glimpse],
    ['observationSpace.location must be a Box [D] in [-1, 1]', isLine(location) && isIn(location, -1, 1), location],
    ...Object.entries(further).map(
      ([name, space]) => [`observationSpace.${name} must be a Box`, space?.kind === 'box', space] as const,
    ),
    ['actionSpace must name at least one action', actions.length > 0, actionSpace],
    ...actions.map(
      ([name, space]) =>
        [`actionSpace.${name} must be a Box, Discrete or MultiDiscrete`, isSpace(space), space] as const,
    ),
    [
      'prediction and probabilities are no names for an action',
      !('prediction' in actionSpace) && !('probabilities' in actionSpace),
      Object.keys(actionSpace).join(),
    ],
    ['actionSpace.location must be a Box [D]', !aim || isLine(aim), aim],
    [
      'actionSpace.location must be in [-1, 1] where it is a place',
      !aim || locationAction === 'move' || isIn(aim, -1, 1),
      aim,
    ],
    ['locationAction must be "place" or "move"', ['place', 'move'].includes(locationAction), locationAction],
    ['actionSpace.stop must be Discrete(2)', !stop || (stop.kind === 'discrete' && stop.n === 2), stop],
    [
      'predictionSpace must be a Box, Discrete or MultiDiscrete',
      !predictionSpace || isSpace(predictionSpace),
      predictionSpace,
    ],
    [
      'predictionScored must be "last-step" or "every-step"',
      ['last-step', 'every-step'].includes(predictionScored),
      predictionScored,
    ],
    ['returnRange must be [low, high]', !returnRange || returnRange[0] < returnRange[1], returnRange],
    ...Object.entries(environment.names ?? {}).map(
      ([name, list]) =>
        [
          `names.${name} must name each value of a Discrete space`,
          namesFit(name === 'prediction' ? predictionSpace : actionSpace[name], list),
          list,
        ] as const,
    ),
  ]
  for (const [law, holds, found] of laws)
    if (!holds)
      fail(environment, law, `found ${found && isSpace(found as Space) ? describeSpace(found as Space) : show(found)}`)
}

const show = (found: unknown): string => (typeof found === 'object' ? JSON.stringify(found) : String(found))

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value > 0

// by kind and never by class: an environment may use another copy of this package
const isSpace = (space: Space | undefined): boolean =>
  space !== undefined && ['box', 'discrete', 'multi-discrete'].includes(space.kind)

const isIn = (space: Box, low: number, high: number): boolean => space.low === low && space.high === high

const isLine = (space: Box): boolean => space?.kind === 'box' && space.shape.length === 1

const isGlimpseBox = (space: Box): boolean =>
  space?.kind === 'box' && isIn(space, 0, 1) && space.shape.length === 4 && space.shape[1] === space.shape[2]

const namesFit = (space: Space | undefined, list: readonly string[]): boolean =>
  space?.kind === 'discrete' && list.length === space.n

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
  const { observationSpace, predictionSpace } = environment
  for (const [name, space] of Object.entries(observationSpace)) {
    const values = observation[name]
    if (!(values instanceof Float32Array))
      fail(environment, `observation.${name} must be a Float32Array`, `found ${describe(values)}`)
    if (values.length !== batch * space.size)
      fail(environment, `observation.${name} must have ${batch} x ${space.size} numbers`, `found ${values.length}`)
    const wrong = values.findIndex((value) => !(value >= space.low && value <= space.high))
    if (wrong >= 0)
      fail(environment, `observation.${name} must lie in [${space.low}, ${space.high}]`, `found ${values[wrong]}`)
  }
  const undeclared = Object.keys(observation).filter((name) => !(name in observationSpace))
  if (undeclared.length > 0)
    fail(
      environment,
      'an observation must hold what observationSpace names and nothing else, the target above all not',
      `found ${undeclared}`,
    )
  const { target } = info
  const fits =
    target === undefined ||
    (predictionSpace !== undefined &&
      target instanceof (predictionSpace.kind === 'box' ? Float32Array : Int32Array) &&
      predictionSpace.contains(target, batch))
  if (!fits)
    fail(
      environment,
      predictionSpace
        ? `info.target must be ${batch} values of ${describeSpace(predictionSpace)}`
        : 'info.target needs a predictionSpace',
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
  if (after.terminated[b] && after.truncated[b])
    fail(environment, 'an episode must not be terminated and truncated', where)
  if (after.truncated[b] && !environment.truncates)
    fail(environment, 'only an environment with truncates: true may truncate an episode', where)
  if (wasEnded && after.reward[b] !== 0) fail(environment, 'an episode that has ended must pay 0', where)
  if (time + 1 >= environment.horizon && !isEnded)
    fail(environment, `every episode must end within its horizon of ${environment.horizon}`, where)
  if (time + 1 < environment.horizon && isEnded && environment.fixedLength)
    fail(environment, 'with fixedLength: true no episode may end before its horizon', where)
  if (environment.actionSpace.stop && action.stop?.[b] === 1 && !isEnded)
    fail(environment, 'an episode must end where action.stop is 1', where)
  const stays = wasEnded || after.terminated[b] === 1
  for (const [name, { size }] of Object.entries(environment.observationSpace))
    if (stays && !sameBytes(row(before, name, b, size), row(after, name, b, size)))
      fail(environment, 'the observation of an episode that has ended must stay as it was', where)
}

/** Row b of an observation of `size` numbers an episode. */
const row = ({ observation }: Start, name: string, b: number, size: number): Float32Array =>
  observation[name]!.subarray(b * size, (b + 1) * size)

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
  /** Changes the action of a step. */
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
    if (scribble) for (const values of Object.values(action)) values?.fill(0)
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
    for (const values of Object.values(observation)) returned.push([values, values.slice()])
  }
  keep(environment.reset({ seed: testSeed, items }))
  for (let time = 0; time < environment.horizon; time++) keep(environment.step(makeAction(environment, items, time)))
  keep(environment.reset({ seed: testSeed + 1, items }))
  if (!returned.every(([values, copy]) => sameBytes(values, copy)))
    fail(environment, 'an observation must never be written to again', 'found one changed by a later step or reset')
}

function checkEarlyPredictions(environment: Environment, items: readonly number[]): void {
  const { horizon, predictionSpace, predictionScored = 'last-step', truncates, fixedLength } = environment
  // where episodes end at different steps, which prediction is the last is not known beforehand
  if (!predictionSpace || predictionScored !== 'last-step' || !fixedLength || truncates) return
  const every = items.map((_, b) => b)
  const otherwise: Play['twist'] = (action, time) =>
    time === horizon - 1 ? action : { ...action, prediction: another(predictionSpace, action.prediction!) }
  const all = record(environment, items)
  const early = difference(all, items.length, every, record(environment, items, { twist: otherwise }))
  if (early)
    fail(
      environment,
      "where predictionScored is 'last-step', a prediction before the last step must change nothing",
      early,
    )
}

/** Other values of a space. */
function another(space: Space, values: SpaceValues): SpaceValues {
  if (space.kind === 'box') return values.map((value) => space.low + space.high - value)
  const ns = categoriesOf(space)
  return values.map((value, i) => (value + 1) % ns[i % ns.length]!)
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
  const { itemCount, actionSpace, predictionSpace, readsProbabilities } = environment
  for (const item of [-1, 0.5, ...(itemCount < Infinity ? [itemCount] : [])])
    if (!fails(() => environment.reset({ seed: testSeed, items: [0, item] }), RangeError))
      fail(environment, `an item outside [0, ${itemCount}) must throw a RangeError`, `${item} did not`)
  environment.reset({ seed: testSeed, items })
  const action = makeAction(environment, items, 0)
  const wrong = new Map<string, Action>()
  const spaces = { ...actionSpace, ...(predictionSpace && { prediction: predictionSpace }) }
  for (const [name, space] of Object.entries(spaces)) {
    const values = action[name]!
    wrong.set(`a shorter ${name}`, { [name]: values.subarray(1) })
    if (space!.kind === 'box') continue
    wrong.set(`a ${name} of ${Math.max(...categoriesOf(space!))}`, {
      [name]: values.map(() => Math.max(...categoriesOf(space!))),
    })
    wrong.set(`a ${name} of -1`, { [name]: values.map(() => -1) })
  }
  if (readsProbabilities) wrong.set('shorter probabilities', { probabilities: action.probabilities!.subarray(1) })
  for (const [what, part] of wrong)
    if (!fails(() => environment.step({ ...action, ...part }), RangeError))
      fail(environment, 'an action outside its space must throw a RangeError', `${what} did not`)
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
function makeAction(environment: Environment, items: readonly number[], time: number): Action {
  const { actionSpace, predictionSpace, readsProbabilities } = environment
  const streams = items.map((item, b) =>
    Rng.of(1, item, items.slice(0, b).filter((other) => other === item).length, time),
  )
  const draw = (space: Space, beyond: number): SpaceValues => {
    const rows = streams.flatMap((rng) => Array.from(space.sample(rng), (value) => beyond * value))
    return space.kind === 'box' ? Float32Array.from(rows) : Int32Array.from(rows)
  }
  const action: Record<string, SpaceValues> = {}
  for (const [name, space] of Object.entries(actionSpace))
    action[name] =
      name === 'stop'
        ? Int32Array.from(streams, (rng) => (rng.uniform() < 0.3 ? 1 : 0))
        : draw(space!, space!.kind === 'box' ? 1.3 : 1)
  if (predictionSpace) action.prediction = draw(predictionSpace, 1)
  const categories = categoriesOf(predictionSpace ?? ({ kind: 'box' } as Space)).reduce((sum, n) => sum + n, 0)
  const probabilities =
    readsProbabilities &&
    Float32Array.from(streams.flatMap((rng) => Array.from({ length: categories }, () => rng.uniform())))
  return { ...action, ...(probabilities && { probabilities }) }
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
