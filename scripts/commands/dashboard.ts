// `dashboard`: a page on this machine that shows runs while they train and afterwards.

import { Command } from 'commander'
import '../../src/catalogue.ts'
import { createGaze } from '../../src/dashboard/gaze.ts'
import { createDashboard } from '../../src/dashboard/server.ts'
import { importGiven, resolveModule } from '../../src/runs/imports.ts'
import { dashboardPage } from '../pages.ts'
import { text } from './flags.ts'
import type { Io } from './run.ts'
import { port, serve } from './serve.ts'

type Flags = { readonly runs: string; readonly port: number; readonly import?: string[] }

export function dashboardCommand(_args: readonly string[], io: Io): Command {
  return new Command('dashboard')
    .description('Serve a page, on this machine only, that shows runs as they train: curves, gaze, comparisons.')
    .option('--runs <dir>', 'the directory that holds the runs', text, 'runs')
    .option('--port <number>', 'where to listen on 127.0.0.1; 0 for any free port', port, 8321)
    .option(
      '--import <module>',
      'a module of your own that a run needs to be played; repeatable',
      (value, before: string[] = []) => [...before, text(value)],
    )
    .option('--debug', 'show stack traces')
    .action(async (flags: Flags) => {
      const imports = (flags.import ?? []).map((module) => resolveModule(module))
      await importGiven(imports)
      const server = createDashboard({ root: flags.runs, page: await dashboardPage(), gaze: createGaze(imports) })
      await serve(server, flags.port, io)
    })
}
