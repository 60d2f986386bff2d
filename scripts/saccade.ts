#!/usr/bin/env -S node --single-threaded-gc
// The one way in: `saccade train`, `saccade evaluate` ...; in a checkout `npm run train -- ...` runs the same.

import { createRequire } from 'node:module'
import { Command } from 'commander'
import { type Builder, main } from './commands/run.ts'

/** Each command, loaded when it is asked for. */
const commands: Readonly<Record<string, () => Promise<Builder>>> = {
  train: async () => (await import('./commands/train.ts')).trainCommand,
  evaluate: async () => (await import('./commands/evaluate.ts')).evaluateCommand,
  export: async () => (await import('./commands/export.ts')).exportCommand,
  list: async () => (await import('./commands/list.ts')).listCommand,
  data: async () => (await import('./commands/data.ts')).dataCommand,
  compare: async () => (await import('./commands/compare.ts')).compareCommand,
  reproduce: async () => (await import('./commands/reproduce.ts')).reproduceCommand,
  dashboard: async () => (await import('./commands/dashboard.ts')).dashboardCommand,
  playground: async () => (await import('./commands/playground.ts')).playgroundCommand,
  report: async () => (await import('./commands/report.ts')).reportCommand,
  zoo: async () => (await import('./commands/zoo.ts')).zooCommand,
  watch: async () => (await import('./commands/watch.ts')).watchCommand,
  sweep: async () => (await import('./commands/sweep.ts')).sweepCommand,
  worker: async () => (await import('./commands/worker.ts')).workerCommand,
}

/** Commands by the names that they once had. */
const formerly: Readonly<Record<string, string>> = { demo: 'playground' }

/** What to say where no command was named: help, version, or which commands there are. */
async function overview(_args: readonly string[], io: Parameters<Builder>[1]): Promise<Command> {
  const { version, description } = createRequire(import.meta.url)('saccade/package.json')
  const program = new Command().description(description).version(version).helpCommand(false)
  for (const load of Object.values(commands)) {
    const command = await (await load())([], io)
    program.command(command.name()).description(command.description())
  }
  return program
}

/** How this was called: `npm run train --` in a checkout, `saccade train` where it is installed. */
const calledAs = (name: string): string =>
  process.env.npm_lifecycle_event === name ? `npm run ${name} --` : `saccade ${name}`

const [asked = '', ...rest] = process.argv.slice(2)
const name = (Object.hasOwn(formerly, asked) && formerly[asked]) || asked
if (Object.hasOwn(commands, name)) await main(await commands[name]!(), calledAs(name), rest)
else await main(overview, 'saccade')
