// Where an agent lies, by what a person wrote: the path of a run, of an agent file or of its folder, or `zoo:NAME`, an agent
// that comes along. The one place that tells these apart.

import { existsSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { UserError } from '../core/errors.ts'

/** What stands before the name of an agent that comes along. */
export const zooPrefix = 'zoo:'

/** The file of an agent in its folder. */
export const agentFileName = 'agent.safetensors'

/** Where an agent was found. */
export type Found = {
  readonly kind: 'run' | 'file'
  /** The run directory, or the agent file. */
  readonly path: string
  /** The directory for what is made of it, where nobody says otherwise. */
  readonly home: string
}

/** The folder of the agents that come along: of this checkout, or of the installed package. */
export const zooFolder = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('saccade/package.json')), 'zoo')

/** The names of the agents in a zoo, in order. */
export function zooNames(folder = zooFolder()): string[] {
  if (!existsSync(folder)) return []
  const numbered = new Intl.Collator('en', { numeric: true })
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, agentFileName)))
    .sort(numbered.compare)
}

/** Find an agent. @throws UserError where there is none: what was given, and what there is. */
export function findAgent(given: string): Found {
  if (given.startsWith(zooPrefix)) return findInZoo(given)
  if (!existsSync(given))
    throw new UserError(`${given}: there is no such run or file; give a run directory, an agent file or zoo:NAME`)
  if (!statSync(given).isDirectory()) return { kind: 'file', path: given, home: dirname(given) }
  // a run that was exported has its checkpoints beside the file
  const isFolder = existsSync(join(given, agentFileName)) && !existsSync(join(given, 'checkpoints'))
  return isFolder
    ? { kind: 'file', path: join(given, agentFileName), home: given }
    : { kind: 'run', path: given, home: given }
}

function findInZoo(given: string): Found {
  const name = given.slice(zooPrefix.length)
  const names = zooNames()
  if (!names.includes(name))
    throw new UserError(
      `${given}: the zoo has no such agent; ${names.length > 0 ? `it has ${names.join(', ')}` : 'it is empty here'}`,
    )
  // nothing is written into the package
  return { kind: 'file', path: join(zooFolder(), name, agentFileName), home: join('runs', 'zoo', name) }
}
