// `list`: what there is to choose from, a line each; of one thing, its options with the defaults that `train --help` shows.

import { Command } from 'commander'
import '../../src/catalogue.ts'
import { agents } from '../../src/agent/registry.ts'
import { algorithms } from '../../src/algorithms/registry.ts'
import { UserError } from '../../src/core/errors.ts'
import { describeOptions, type OptionDescription, suggestion } from '../../src/core/options.ts'
import { engines } from '../../src/engine/select.ts'
import { environments } from '../../src/env/registry.ts'
import { cut, folded } from '../../src/report/terminal.ts'
import type { PartialConfig } from '../../src/runs/config.ts'
import { importGiven, resolveModule } from '../../src/runs/imports.ts'
import { groupsOf } from './configuration.ts'
import { type GroupName, inWords, kebab, text } from './flags.ts'
import type { Io } from './run.ts'

const registries = { environments, agents, algorithms }
const kinds = [...Object.keys(registries), 'engines']

/** The group of a configuration that options of a kind belong to, and what chooses one of them. */
const chosenBy: Readonly<Record<string, readonly [GroupName, (name: string) => PartialConfig]>> = {
  environments: ['environment', (id) => ({ environment: { id } })],
  agents: ['agent', (name) => ({ agent: { name } })],
  algorithms: ['algorithm', (name) => ({ algorithm: { name } })],
}

type Entry = {
  readonly name: string
  readonly description: string
  readonly options?: readonly OptionDescription[]
  /** Of engines: whether it starts here, and if not, why and what to do. */
  readonly available?: boolean
  readonly why?: string
}

export function listCommand(_args: readonly string[], io: Io): Command {
  return new Command('list')
    .description('Show the environments, agents, algorithms and engines there are; of one, its options.')
    .argument('[kind]', `one of ${kinds.join(', ')}; all by default`, kindOf)
    .argument('[name]', 'one of them, in full', text)
    .option(
      '--import <module>',
      'a module of your own that registers more; repeatable',
      (value, before: string[] = []) => [...before, text(value)],
    )
    .option('--json', 'print one JSON object, with all options')
    .option('--debug', 'show stack traces')
    .action(
      async (kind: string | undefined, name: string | undefined, flags: { import?: string[]; json?: boolean }) => {
        await importGiven((flags.import ?? []).map((module) => resolveModule(module)))
        const found: Record<string, Entry[]> = {}
        for (const wanted of kind ? [kind] : kinds) found[wanted] = await entriesOf(wanted, name)
        if (flags.json) io.out.write(`${JSON.stringify(found)}\n`)
        else io.out.write(name === undefined ? overview(found) : inFull(found[kind!]![0]!))
      },
    )
}

function kindOf(value: string): string {
  if (!kinds.includes(value)) throw new UserError(`unknown kind "${value}"${suggestion(value, kinds)}`)
  return value
}

/** Everything of a kind, or one of it. @throws UserError where there is none of that name. */
async function entriesOf(kind: string, wanted?: string): Promise<Entry[]> {
  const names = kind === 'engines' ? engines.map(({ name }) => name) : registryOf(kind).names()
  if (wanted !== undefined && !names.includes(wanted))
    throw new UserError(`unknown name "${wanted}" among the ${kind}${suggestion(wanted, names)}`)
  const chosen = names.filter((name) => wanted === undefined || name === wanted)
  if (kind === 'engines') return Promise.all(engines.filter(({ name }) => chosen.includes(name)).map(engineEntry))
  return chosen.map((name) => ({
    name,
    description: registryOf(kind).get(name).description,
    options: optionsOf(kind, name),
  }))
}

const registryOf = (kind: string) => registries[kind as keyof typeof registries]

/** Its options, with the defaults that hold where it is chosen and nothing else is said. */
function optionsOf(kind: string, name: string): OptionDescription[] {
  const [group, choose] = chosenBy[kind]!
  const { options, defaults } = groupsOf(choose(name)).find((each) => each.name === group)!
  return describeOptions(options).map((option) => ({ ...option, default: defaults[option.name] ?? option.default }))
}

/** Whether an engine is to be had is known only by starting it. */
async function engineEntry({ name, description, remedy, create }: (typeof engines)[number]): Promise<Entry> {
  try {
    const engine = await create()
    const why = engine.description
    engine.dispose()
    return { name, description, available: true, why }
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n')
    return { name, description, available: false, why: `${reason}; to get it: ${remedy}` }
  }
}

const columns = 80

/** A line each, none longer than the page is wide. */
function overview(found: Readonly<Record<string, readonly Entry[]>>): string {
  const parts = Object.entries(found).map(([kind, entries]) => {
    const widest = Math.max(...entries.map(({ name }) => name.length))
    const lines = entries.map(({ name, description, available }) => {
      const words = available === false ? `not here: ${description}` : description
      return cut(`  ${name.padEnd(widest)}  ${words}`, columns)
    })
    return `${kind}\n${lines.join('\n')}\n`
  })
  const [kind, [first]] = Object.entries(found)[0] as [string, [Entry]]
  return `${parts.join('\n')}\none in full, with its options: list ${kind} ${first.name}\n`
}

/** All that there is to say of one. */
function inFull({ name, description, available, why, options = [] }: Entry): string {
  const lines = [
    `${name}: ${description}`,
    ...(available === undefined ? [] : [`${available ? 'here' : 'not here'}: ${why}`]),
    ...options.map((option) => `--${kebab(option.name)}  ${inWords(option)}`),
  ]
  return `${lines.flatMap((line) => folded(line, columns)).join('\n')}\n`
}
