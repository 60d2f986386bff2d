#!/usr/bin/env -S node --single-threaded-gc
// The installed program: `saccade train`, `saccade evaluate`, `saccade report` ...

import { createRequire } from 'node:module'
import { Command } from 'commander'
import { compareCommand } from './commands/compare.ts'
import { dashboardCommand } from './commands/dashboard.ts'
import { evaluateCommand } from './commands/evaluate.ts'
import { exportCommand } from './commands/export.ts'
import { listCommand } from './commands/list.ts'
import { reportCommand } from './commands/report.ts'
import { reproduceCommand } from './commands/reproduce.ts'
import { type Builder, main } from './commands/run.ts'
import { sweepCommand } from './commands/sweep.ts'
import { trainCommand } from './commands/train.ts'
import { watchCommand } from './commands/watch.ts'
import { workerCommand } from './commands/worker.ts'

const commands: Readonly<Record<string, Builder>> = {
  train: trainCommand,
  evaluate: evaluateCommand,
  export: exportCommand,
  list: listCommand,
  compare: compareCommand,
  reproduce: reproduceCommand,
  dashboard: dashboardCommand,
  report: reportCommand,
  watch: watchCommand,
  sweep: sweepCommand,
  worker: workerCommand,
}

/** What to say where no command was named: help, version, or which commands there are. */
async function overview(_args: readonly string[], io: Parameters<Builder>[1]): Promise<Command> {
  const { version, description } = createRequire(import.meta.url)('saccade/package.json')
  const program = new Command().description(description).version(version).helpCommand(false)
  for (const builder of Object.values(commands)) {
    const command = await builder([], io)
    program.command(command.name()).description(command.description())
  }
  return program
}

const [name, ...rest] = process.argv.slice(2)
const builder = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined
if (builder) await main(builder, `saccade ${name}`, rest)
else await main(overview, 'saccade')
