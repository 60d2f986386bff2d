// What is trained, and how: as the form has it, as a link has it, and as the configuration that comes of it.

import type { AgentCard } from '../../src/inference/agent-file.ts'
import type { PartialConfig } from '../../src/runs/config.ts'
import { plural } from './words.ts'

/** What one chooses. */
export type Setting = {
  /** An environment's id, without a version. */
  readonly world: string
  readonly algorithm: string
  readonly glimpses: number
  /** Standard deviation of the looks at the start, in half images; a third of it at the end. */
  readonly noise: number
  readonly epochs: number
  readonly seed: number
}

type World = {
  readonly title: string
  readonly words: string
  readonly usual: Pick<Setting, 'algorithm' | 'glimpses' | 'noise' | 'epochs'>
  /** Whether the number of glimpses may be chosen. */
  readonly free: boolean
  readonly config: PartialConfig
}

/** The worlds that a page can train in; the recipes are those that learn quickly, not those that end best. */
export const worlds: Readonly<Record<string, World>> = {
  MNIST: {
    title: 'MNIST digits',
    words:
      'Name a digit of 28x28 pixels from a few looks through windows of 8x8 and 16x16. 4,500 digits to learn from.',
    usual: { algorithm: 'reinforce', glimpses: 6, noise: 0.1, epochs: 20 },
    free: true,
    config: {
      environment: { id: 'MNIST', scales: 2, distortion: 0 },
      agent: { recurrentStart: 'identity' },
      algorithm: { supervision: 'rising' },
      training: { batchSize: 32 },
    },
  },
  CircleSquare: {
    title: 'Circle or square',
    words: 'Move a window of 5x5 by short steps and say whether the picture has a circle or a square.',
    usual: { algorithm: 'a2c', glimpses: 16, noise: 0.5, epochs: 15 },
    free: true,
    config: { environment: { id: 'CircleSquare' }, training: { evaluationItems: 500 } },
  },
  'probe/hint': {
    title: 'Probe: follow a hint',
    words: 'A tiny world with a known optimum: the first look says where the answer is, the second must go there.',
    usual: { algorithm: 'reinforce', glimpses: 2, noise: 0.3, epochs: 30 },
    free: false,
    config: { environment: { id: 'probe/hint' }, training: { epochItems: 4000, evaluationItems: 500 } },
  },
}

type Algorithm = { readonly words: string /** Whether it learns where to look. */; readonly learns: boolean }

export const algorithms: Readonly<Record<string, Algorithm>> = {
  reinforce: { words: 'Looks that went better than expected become likelier. The paper’s own.', learns: true },
  a2c: { words: 'As REINFORCE, but every look is judged by what was expected after it.', learns: true },
  ppo: { words: 'Learns several times from the same looks, in short steps.', learns: true },
  rloo: { words: 'Looks at each image four times, and judges each try against the others.', learns: true },
  random: { words: 'A control: looks anywhere; only the naming is learned.', learns: false },
  raster: { words: 'A control: looks along rows; only the naming is learned.', learns: false },
  centre: { words: 'A control: always looks at the centre; only the naming is learned.', learns: false },
}

/** What is chosen where nobody has chosen. */
export const usualSetting = (world = 'MNIST'): Setting => ({ world, ...worlds[world]!.usual, seed: 0 })

const bounds = { glimpses: [1, 24], noise: [0.01, 1], epochs: [1, 500], seed: [0, 999_999] } as const
type NumberName = keyof typeof bounds
const numberNames = Object.keys(bounds) as NumberName[]

/** Read `#train&world=MNIST&glimpses=4`; what it does not say, or says wrongly, is as usual. */
export function readSetting(hash: string): Setting {
  const query = new URLSearchParams(hash.replace(/^#\w*&?/, ''))
  const usual = usualSetting(Object.hasOwn(worlds, query.get('world') ?? '') ? query.get('world')! : undefined)
  const algorithm = query.get('algorithm') ?? ''
  const numbers = numberNames.map((name) => {
    const value = Number(query.get(name) ?? Number.NaN)
    const [low, high] = bounds[name]
    const valid = value >= low && value <= high && (name === 'noise' || Number.isInteger(value))
    return [name, valid ? value : usual[name]]
  })
  return {
    ...usual,
    ...(Object.hasOwn(algorithms, algorithm) && { algorithm }),
    ...(Object.fromEntries(numbers) as Pick<Setting, NumberName>),
  }
}

/** The other way round, complete: a link means the same later. */
export const writeSetting = (setting: Setting): string =>
  `train&${new URLSearchParams(Object.entries(setting).map(([name, value]) => [name, String(value)]))}`

/** The configuration of a setting; the rest is the world's and the algorithm's own. @param card of the agent it goes on from */
export function configOf(
  { world, algorithm, glimpses, noise, epochs, seed }: Setting,
  card?: AgentCard,
): PartialConfig {
  const { config, free } = worlds[world]!
  const { supervision } = (config.algorithm ?? {}) as { supervision?: string }
  return {
    environment: { ...(card?.environment ?? config.environment!), ...(free && { glimpses }) },
    agent: card?.agent ?? { ...config.agent },
    algorithm: {
      name: algorithm,
      ...(supervision !== undefined && { supervision }),
      ...(algorithms[algorithm]!.learns && { std: noise, finalStd: Number((noise / 3).toPrecision(6)) }),
    },
    training: { ...config.training, epochs, seed, engine: 'wasm', workers: 1, shards: 1 },
  }
}

/** What a setting was, of an agent file. @throws Error where it is of no world that this page has. */
export function settingOfCard({ environment, algorithm }: AgentCard, before: Setting): Setting {
  const world = environment.id.replace(/-v\d+$/, '')
  if (!Object.hasOwn(worlds, world))
    throw new Error(
      `this agent is of the world ${environment.id}; this page trains in ${Object.keys(worlds).join(', ')}`,
    )
  const { epochs, seed } = before
  return {
    ...usualSetting(world),
    ...(Object.hasOwn(algorithms, algorithm.name) && { algorithm: algorithm.name }),
    ...(typeof environment.glimpses === 'number' && { glimpses: environment.glimpses }),
    ...(typeof algorithm.std === 'number' && { noise: algorithm.std }),
    ...{ epochs, seed },
  }
}

/** `MNIST, reinforce, 6 glimpses, noise 0.1, seed 0`. */
export const inWords = ({ world, algorithm, glimpses, noise, seed }: Setting): string =>
  [
    worlds[world]!.title,
    algorithm,
    plural(glimpses, 'glimpse'),
    ...(algorithms[algorithm]!.learns ? [`noise ${noise}`] : []),
    `seed ${seed}`,
  ].join(', ')
