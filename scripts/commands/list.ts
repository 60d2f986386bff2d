// `list`: what there is to choose from, with its options.

import { Command } from 'commander'
import '../../src/catalogue.ts'
import { agents } from '../../src/agent/registry.ts'
import { algorithms } from '../../src/algorithms/registry.ts'
import { UserError } from '../../src/core/errors.ts'
import { describeOptions, type OptionDescription, suggestion } from '../../src/core/options.ts'
import { engines } from '../../src/engine/select.ts'
import { environments } from '../../src/env/registry.ts'
import { importModules, resolveModule } from '../../src/runs/imports.ts'
import { inWords, kebab, text } from './flags.ts'
import type { Io } from './run.ts'

const kinds = ['environments', 'agents', 'algorithms', 'engines']

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
    .description('Show the environments, agents, algorithms and engines there are, with their options.')
    .argument('[kind]', `one of ${kinds.join(', ')}; all by default`, kindOf)
    .option(
      '--import <module>',
      'a module of your own that registers more; repeatable',
      (value, before: string[] = []) => [...before, text(value)],
    )
    .option('--json', 'print one JSON object')
    .option('--debug', 'show stack traces')
    .action(async (kind: string | undefined, flags: { import?: string[]; json?: boolean }) => {
      await importModules((flags.import ?? []).map((module) => resolveModule(module)))
      const found: Record<string, Entry[]> = {}
      for (const wanted of kind ? [kind] : kinds) found[wanted] = await entriesOf(wanted)
      if (flags.json) io.out.write(`${JSON.stringify(found)}\n`)
      else for (const [heading, entries] of Object.entries(found)) io.out.write(inLines(heading, entries))
    })
}

function kindOf(value: string): string {
  if (!kinds.includes(value)) throw new UserError(`unknown kind "${value}"${suggestion(value, kinds)}`)
  return value
}

async function entriesOf(kind: string): Promise<Entry[]> {
  if (kind === 'engines') return Promise.all(engines.map(engineEntry))
  const registry = { environments, agents, algorithms }[kind as 'environments' | 'agents' | 'algorithms']
  return registry.names().map((name) => {
    const { description, options } = registry.get(name)
    return { name, description, options: describeOptions(options) }
  })
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

function inLines(heading: string, entries: readonly Entry[]): string {
  const lines = entries.flatMap(({ name, description, options, available, why }) => [
    `  ${name}  ${description}`,
    ...(available === undefined ? [] : [`    ${available ? 'here' : 'not here'}: ${why}`]),
    ...(options ?? []).map((option) => `    --${kebab(option.name)}  ${inWords(option)}`),
  ])
  return `${heading}\n${lines.join('\n')}\n\n`
}
