// Where a run's options come from: a config file, then flags, which win. Which flags there are depends on the environment,
// the agent and the algorithm, so the arguments are read twice: first for those.

import { dirname, resolve } from 'node:path'
import { Command } from 'commander'
import { isScalar, parseDocument, visit } from 'yaml'
import { agents } from '../../src/agent/registry.ts'
import { algorithms } from '../../src/algorithms/registry.ts'
import { UserError } from '../../src/core/errors.ts'
import { suggestion } from '../../src/core/options.ts'
import { environments } from '../../src/env/registry.ts'
import { zooPrefix } from '../../src/inference/find-agent.ts'
import { type From, type PartialConfig, usualAlgorithm } from '../../src/runs/config.ts'
import { readText } from '../../src/runs/files.ts'
import { importGiven, importNamed, resolveModule } from '../../src/runs/imports.ts'
import { trainingOptions } from '../../src/runs/training-options.ts'
import { collect, type Group, text } from './flags.ts'

/** What --quick sets: enough to see learning within a minute, on any engine. */
export const quick = { epochs: 2, epochItems: 6000 } as const

/** What decides which flags there are. */
export type Choices = {
  readonly environment?: string
  readonly agent?: string
  readonly algorithm?: string
  readonly config?: string
  readonly import?: string[]
  readonly resume?: string
  readonly from?: string
  readonly quick?: boolean
}

/** The options of `Choices`, for the first reading and for the command itself. */
export function addChoices(command: Command): Command {
  return command
    .option('--environment <id>', 'the world to train in; `list` shows all (default MNIST)', text)
    .option('--agent <name>', 'the agent to train; `list` shows all (default ram)', text)
    .option(
      '--algorithm <name>',
      "the algorithm that trains it; `list` shows all (default: the world's own, mostly reinforce)",
      text,
    )
    .option('--config <file>', 'options from a .json or .yaml file in the groups below; flags win', text)
    .option(
      '--import <module>',
      'a module of your own that registers environments, agents or algorithms; repeatable',
      collect,
    )
    .option('--resume <dir>', 'go on with the run in this directory', text)
    .option(
      '--from <path>',
      'start from the parameters of this run, agent file or zoo:NAME; world, agent and algorithm are as there',
      text,
    )
    .option('--quick', `see learning within a minute: ${quick.epochs} epochs of ${quick.epochItems} images`)
}

/** The first reading: only the choices, whatever else is there. */
export function readChoices(args: readonly string[]): Choices {
  const command = addChoices(new Command())
    .allowUnknownOption()
    .allowExcessArguments()
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {}, writeOut: () => {} })
  try {
    command.parseOptions([...args])
  } catch {
    // the second reading complains in full
  }
  return command.opts()
}

/** Whether only help is asked for: then nothing runs that a file names. */
export const asksForHelp = (args: readonly string[]): boolean => args.includes('--help') || args.includes('-h')

/**
 * What a config file, the choices and --quick say together, its modules imported, unless only help is asked for.
 * @throws UserError where the file or a module is wrong.
 */
export async function chosenConfig(choices: Choices, asking = false): Promise<PartialConfig> {
  const file = choices.config === undefined ? {} : readConfigFile(choices.config)
  const base = choices.config === undefined ? process.cwd() : dirname(resolve(choices.config))
  const given = (choices.import ?? []).map((module) => resolveModule(module))
  const named = (file.imports ?? []).map((module) => resolveModule(module, base))
  await importGiven(given)
  if (!asking) await importNamed(named, choices.config ?? '')
  const imports = [...named, ...given]
  const from = choices.from === undefined ? fromAt(file.from, base) : fromAt({ agent: choices.from })
  return {
    environment: { ...file.environment, ...(choices.environment !== undefined && { id: choices.environment }) },
    agent: { ...file.agent, ...(choices.agent !== undefined && { name: choices.agent }) },
    algorithm: { ...file.algorithm, ...(choices.algorithm !== undefined && { name: choices.algorithm }) },
    training: { ...file.training, ...(choices.quick && quick) },
    ...(file.data !== undefined && choices.environment === undefined && { data: file.data }),
    ...(from && { from }),
    imports: [...new Set(imports)],
  }
}

/** Where to start from, so that it is found from anywhere. */
const fromAt = (from: From | undefined, base = process.cwd()): From | undefined =>
  typeof from?.agent === 'string' && !from.agent.startsWith(zooPrefix)
    ? { ...from, agent: resolve(base, from.agent) }
    : from

/** Who has options in a run, with the defaults that hold there. @throws UserError on an unknown environment or algorithm. */
export function groupsOf(config: PartialConfig): Group[] {
  const { id = 'MNIST', ...environment } = config.environment ?? {}
  const { name = usualAlgorithm(id), ...algorithm } = config.algorithm ?? {}
  const { name: kind = 'ram', ...agent } = config.agent ?? {}
  const world = environments.get(id)
  const { recipe = {} } = world
  const rule = algorithms.get(name)
  return [
    {
      name: 'environment',
      title: `Environment ${id}`,
      options: world.options,
      defaults: { ...recipe.environment, ...environment },
    },
    {
      name: 'agent',
      title: `Agent ${kind}`,
      options: agents.get(kind).options,
      defaults: { ...recipe.agent, ...agent },
    },
    {
      name: 'algorithm',
      title: `Algorithm ${name}`,
      options: rule.options,
      defaults: { ...recipe.algorithm, ...algorithm },
    },
    {
      name: 'training',
      title: 'Training',
      options: trainingOptions,
      defaults: { ...rule.recipe?.training, ...recipe.training, ...config.training },
    },
  ]
}

/** One configuration over another, group by group. Whose data it is holds for the world below, as it is. */
export function overlay(below: PartialConfig, above: PartialConfig): PartialConfig {
  const { data, from } = below
  const sameWorld = Object.keys(above.environment ?? {}).length === 0
  return {
    environment: { ...below.environment, ...above.environment },
    agent: { ...below.agent, ...above.agent },
    algorithm: { ...below.algorithm, ...above.algorithm },
    training: { ...below.training, ...above.training },
    ...(data !== undefined && sameWorld && { data }),
    ...(from && { from }),
    imports: above.imports ?? below.imports ?? [],
  }
}

/**
 * The groups of a config file; of files that are more than that, with groups of their own.
 * @throws UserError where it cannot be read, or holds anything else.
 */
export function readConfigFile(path: string, own: readonly string[] = []): PartialConfig & Record<string, unknown> {
  const yaml = /\.ya?ml$/i.test(path)
  const source = readText(path, largestFile)
  let content: unknown
  try {
    content = yaml ? parseYamlOnce(source) : JSON.parse(source)
  } catch (error) {
    const [first] = (error as Error).message.split('\n')
    throw new UserError(`${path}: not ${yaml ? 'YAML' : 'JSON'}: ${first}`)
  }
  const groups = ['environment', 'agent', 'algorithm', 'training', ...(own.length > 0 ? own : ['from'])]
  if (!isGroup(content)) throw new UserError(`${path}: expected the groups ${groups.join(', ')}`)
  for (const [key, value] of Object.entries(content)) {
    if (key === 'imports') {
      if (!Array.isArray(value) || !value.every((module) => typeof module === 'string'))
        throw new UserError(`${path}: imports: expected a list of modules, found ${JSON.stringify(value)}`)
    } else if (key === 'data' && own.length === 0) {
      if (typeof value !== 'string')
        throw new UserError(`${path}: data: expected the fingerprint of a run's data, found ${JSON.stringify(value)}`)
    } else if (!groups.includes(key))
      throw new UserError(`${path}: unknown group "${key}"${suggestion(key, [...groups, 'imports'])}`)
    else if (!isGroup(value))
      throw new UserError(`${path}: ${key}: expected a group of options, found ${JSON.stringify(value)}`)
    else if (Object.hasOwn(nameIn, key)) refuseNameless(value, key, nameIn[key]!, path)
  }
  return content as PartialConfig & Record<string, unknown>
}

/** Bytes of a config file at most: some hundred times what any needs, and read in a fraction of a second. */
const largestFile = 2 ** 18

/** What the name of a group's owner is called there. */
const nameIn: Readonly<Record<string, string>> = { environment: 'id', agent: 'name', algorithm: 'name', from: 'agent' }

function refuseNameless(group: Record<string, unknown>, key: string, name: string, path: string): void {
  const value = group[name]
  if (Object.hasOwn(group, name) && (typeof value !== 'string' || value === ''))
    throw new UserError(`${path}: ${key}.${name}: expected a name, found ${JSON.stringify(value)}`)
}

/** YAML, in which no key may come twice: the parser's own check takes a time that grows with their number squared. */
function parseYamlOnce(source: string): unknown {
  const document = parseDocument(source, { uniqueKeys: false })
  const [error] = document.errors
  if (error) throw error
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<unknown>()
      for (const { key } of map.items) {
        const name = isScalar(key) ? key.value : key
        if (seen.has(name)) throw new Error(`the key ${JSON.stringify(name)} comes twice`)
        seen.add(name)
      }
    },
  })
  return document.toJS({ maxAliasCount: 100 })
}

/** Which environments, agents or algorithms have an option, as a person would have to choose them. */
export function whoKnows(flag: string): string | undefined {
  const name = flag.replace(/^--(no-)?/, '').replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
  const found = (['environment', 'agent', 'algorithm'] as const).flatMap((kind) => {
    const registry = { environment: environments, agent: agents, algorithm: algorithms }[kind]
    const owners = registry.names().filter((owner) => name in registry.get(owner).options.shape)
    return owners.length > 0 ? [`--${kind} ${owners.join(' or ')}`] : []
  })
  return found.length > 0 ? found.join(', ') : undefined
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
