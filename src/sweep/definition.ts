// What a sweep file says: a config file of `train` with two groups more, `sweep` and `space`. Checked in full, against the
// options of the environment, the algorithm, the agent and the training, before anything runs.

import { isDeepStrictEqual } from 'node:util'
import { agents } from '../agent/registry.ts'
import { algorithms } from '../algorithms/registry.ts'
import { UserError } from '../core/errors.ts'
import { parseOptions, suggestion } from '../core/options.ts'
import { Rng } from '../core/rng.ts'
import { environments } from '../env/registry.ts'
import { completeConfig, type PartialConfig, type RunConfig, usualAlgorithm } from '../runs/config.ts'
import { trainingOptions } from '../runs/training-options.ts'
import { refuseTooLarge } from '../training/size.ts'
import { type SweepOptions, sweepOptions } from './options.ts'
import {
  activeDimensions,
  buildPoint,
  type Dimension,
  fromUnit,
  type Point,
  parseSpace,
  type Space,
  type Value,
} from './space.ts'

/** A sweep, checked and complete, as its journal keeps it. */
export type Definition = {
  readonly options: SweepOptions
  /** What every trial has in common. */
  readonly base: PartialConfig
  readonly space: Space
}

/**
 * The sweep that a file's content describes.
 * @param content groups `environment`, `agent`, `algorithm`, `training`, `sweep`, `space`; `imports` are imported already
 * @throws UserError naming what is wrong, and the nearest name where one is unknown.
 */
export function defineSweep(
  content: PartialConfig & { readonly sweep?: unknown; readonly space?: unknown },
): Definition {
  const { sweep, space: rawSpace, ...base } = content
  const options = parseOptions(sweepOptions, sweep, 'sweep')
  const definition = { options, base, space: parseSpace(rawSpace) }
  checkNames(definition)
  checkBudget(definition)
  for (const point of extremes(definition.space)) {
    try {
      refuseTooLarge(configOf(definition, point))
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      throw new UserError(`space: ${error.message}; at ${inWords(point)}`)
    }
  }
  return definition
}

/** The configuration of a trial: on one worker where nothing else is said, for trials side by side use the cores better. */
export function configOf({ base }: Pick<Definition, 'base'>, point: Point, seed?: number): RunConfig {
  const config = atPoint(base, point, seed)
  return completeConfig({ ...config, training: { workers: 1, ...config.training } })
}

/** A configuration with a point's options in it; the sweep's own names are none. */
export function atPoint(base: PartialConfig, point: Point, seed?: number): PartialConfig {
  const config: Record<string, unknown> = { ...base }
  const named = Object.entries(point).filter(([name]) => name.includes('.'))
  const seeded: [string, Value][] = seed === undefined ? named : [...named, ['training.seed', seed]]
  for (const [name, value] of seeded) {
    const [group, option] = split(name)
    config[group] = { ...(config[group] as object | undefined), [option]: value }
  }
  return config
}

/** The seeds of every point's runs. */
export function seedsOf({ base, options }: Definition): number[] {
  const { seed } = configOf({ base }, {}).training
  return Array.from({ length: options.seeds }, (_, i) => seed + i)
}

/** Whether a sweep that was begun as `before` may go on as `now`: only the number of trials may grow. */
export function refuseOtherSweep(before: Definition, now: Definition, path: string): void {
  // as they would be read back from the journal
  const plain = (definition: Definition): object =>
    JSON.parse(JSON.stringify({ ...definition, options: { ...definition.options, trials: 0 } }))
  const [old, fresh] = [plain(before), plain(now)] as Record<string, unknown>[]
  const different = ['base', 'space', 'options'].find((part) => !isDeepStrictEqual(old![part], fresh![part]))
  if (different === undefined) return
  const part = { base: "the trials' configuration", space: 'the space', options: 'the group sweep' }[different]
  throw new UserError(
    `${path} holds another sweep: ${part} differs from what it began with; choose another directory with --out`,
  )
}

/** `algorithm.std 0.1, training.learningRate 0.001`. */
export const inWords = (point: Point): string =>
  Object.entries(point)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')

const split = (name: string): [string, string] => [name.slice(0, name.indexOf('.')), name.slice(name.indexOf('.') + 1)]

/** @throws UserError where a name is no option of any environment or algorithm that the sweep may meet. */
function checkNames({ base, space }: Definition): void {
  const chosen = (name: string, given: string): string[] => [
    given,
    ...space.flatMap((each) =>
      each.name === name && each.domain.kind === 'choice' ? each.domain.values.map(String) : [],
    ),
  ]
  const groups: Record<string, string[]> = {
    environment: chosen('environment.id', base.environment?.id ?? 'MNIST').flatMap((id) => [
      'id',
      ...Object.keys(environments.get(id).options.shape),
    ]),
    agent: chosen('agent.name', base.agent?.name ?? 'ram').flatMap((name) => [
      'name',
      ...Object.keys(agents.get(name).options.shape),
    ]),
    algorithm: chosen(
      'algorithm.name',
      base.algorithm?.name ?? usualAlgorithm(base.environment?.id ?? 'MNIST'),
    ).flatMap((name) => ['name', ...Object.keys(algorithms.get(name).options.shape)]),
    training: Object.keys(trainingOptions.shape),
  }
  const known = Object.entries(groups).flatMap(([group, options]) => options.map((option) => `${group}.${option}`))
  for (const { name } of space) {
    if (name.includes('.') && !known.includes(name)) {
      const [group] = split(name)
      const near = known.filter((each) => each.startsWith(`${group}.`))
      throw new UserError(`space: unknown option "${name}"${suggestion(name, near.length > 0 ? near : known)}`)
    }
    // an own name like an option's is a forgotten group
    const meant = known.find((each) => split(each)[1] === name)
    if (meant) throw new UserError(`space: "${name}" is an option of a group; write "${meant}"`)
    if (name === 'training.seed')
      throw new UserError('space: training.seed is no option to choose by; sweep.seeds says how many seeds a point has')
  }
}

/** @throws UserError where a scheduler could not do what it is for. */
function checkBudget({ options: { scheduler, minEpochs }, base, space }: Definition): void {
  if (scheduler === 'none') return
  if (space.some(({ name }) => name === 'training.epochs'))
    throw new UserError(
      `space: training.epochs is the budget that ${scheduler} shares out; set it in the group training`,
    )
  const { epochs, evaluateEvery } = configOf({ base }, {}).training
  if (minEpochs >= epochs)
    throw new UserError(
      `sweep: minEpochs: ${minEpochs} given; ${scheduler} needs fewer than training.epochs, ${epochs}`,
    )
  if (minEpochs % evaluateEvery !== 0)
    throw new UserError(
      `sweep: minEpochs: ${minEpochs} given; expected a multiple of training.evaluateEvery, ${evaluateEvery}: trials are judged where they are evaluated`,
    )
}

/** Points that together show every dimension at both ends and in between, or at each of its choices. */
function extremes(space: Space): Point[] {
  return space.flatMap((dimension) => endsOf(dimension).map((value) => pointWith(space, dimension, value)))
}

function endsOf({ domain }: Dimension): (Value | undefined)[] {
  if (domain.kind === 'same') return [undefined]
  // a number in between has a fraction, which an option of whole numbers refuses
  return domain.kind === 'choice' ? [...domain.values] : [domain.low, domain.high, fromUnit(domain, 1 / Math.PI)]
}

/** A point at which a dimension is active and has a value; numbers that it does not depend on are in the middle. */
function pointWith(space: Space, target: Dimension, value: Value | undefined): Point {
  const wanted = demandsOf(space, target)
  for (let attempt = 0; attempt < 1000; attempt++) {
    const rng = Rng.of(attempt, 'extremes')
    const point = buildPoint(space, ({ key, name, domain }) => {
      if (key === target.key && value !== undefined) return value
      if (domain.kind !== 'choice') return fromUnit(domain, 0.5)
      const allowed = domain.values.filter((each) => wanted.get(name)?.includes(each) ?? true)
      return allowed.length > 0 ? allowed[rng.integer(allowed.length)]! : domain.values[0]!
    })
    if (activeDimensions(space, point).some(({ key }) => key === target.key)) return point
  }
  throw new UserError(
    `space: ${target.key} never applies: its conditions exclude each other, or an alternative above it always comes first`,
  )
}

/** What other names must be for a dimension to be active, theirs included. */
function demandsOf(space: Space, { when }: Dimension): Map<string, readonly Value[]> {
  const demands = new Map(Object.entries(when))
  for (const name of Object.keys(when)) {
    const decider = space.find((each) => each.name === name)
    if (decider) for (const [other, values] of demandsOf(space, decider)) demands.set(other, values)
  }
  return demands
}
