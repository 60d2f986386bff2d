// `demo`: build the page on which one draws a digit and watches a trained agent look at it, and show it.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { createPageServer } from '../../src/dashboard/server.ts'
import { writeWhole } from '../../src/runs/files.ts'
import { buildPage, demoAssets, writePage } from '../pages.ts'
import { text } from './flags.ts'
import type { Io } from './run.ts'
import { port, serve } from './serve.ts'

type Flags = {
  readonly run?: string
  readonly keep?: boolean
  readonly out: string
  readonly port: number
  readonly serve: boolean
}

/** The agent and the digits that come along. */
const assets = fileURLToPath(new URL('../../web/demo/assets/', import.meta.url))

export function demoCommand(_args: readonly string[], io: Io): Command {
  return new Command('demo')
    .description('Build a static page on which one draws a digit and watches a trained agent look at it; and serve it.')
    .option(
      '--run <path>',
      'show the best agent of this run, an agent file, or zoo:NAME, instead of the one that comes along',
      text,
    )
    .option('--keep', 'with --run: make it the one that comes along, too, in web/demo/assets')
    .option('--out <dir>', 'where to put the page: a folder for any static host', text, 'dist/demo')
    .option('--port <number>', 'where to listen on 127.0.0.1; 0 for any free port', port, 8322)
    .option('--no-serve', 'only build')
    .option('--debug', 'show stack traces')
    .action((flags: Flags) => demo(flags, io))
}

async function demo({ run, keep, out, port, serve: shown }: Flags, io: Io): Promise<void> {
  const found = demoAssets()
  if (run !== undefined) {
    const { agentForDemo } = await import('../demo-assets.ts')
    const agent = await agentForDemo(run)
    if (keep) writeWhole(join(assets, 'agent.safetensors'), agent)
    found.set('agent.safetensors', agent)
  }
  const page = new Map([...(await buildPage('demo')), ...found])
  writePage(page, out)
  const size = [...page.values()].reduce((sum, bytes) => sum + bytes.length, 0)
  io.out.write(`${out}: ${page.size} files, ${(size / 1e6).toFixed(1)} MB; a folder for any static host\n`)
  if (shown) await serve(createPageServer(page), port, io)
}
