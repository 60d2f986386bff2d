// `playground`: build the page on which one watches a trained agent look, is the eye oneself, and trains one; and show it.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { createPageServer } from '../../src/dashboard/server.ts'
import { writeWhole } from '../../src/runs/files.ts'
import { playgroundPage, withLists, writePage } from '../pages.ts'
import { text } from './flags.ts'
import type { Io } from './run.ts'
import { port, serve } from './serve.ts'

type Flags = {
  readonly run?: string
  readonly search?: string
  readonly keep?: boolean
  readonly out: string
  readonly port: number
  readonly serve: boolean
}

/** The agent and the digits that come along. */
const assets = fileURLToPath(new URL('../../web/playground/assets/', import.meta.url))

export function playgroundCommand(_args: readonly string[], io: Io): Command {
  return new Command('playground')
    .description('Build a static page to play with: watch an agent look, be the eye, train one; and serve it.')
    .option(
      '--run <path>',
      'have the best agent of this run, an agent file, or zoo:NAME, look instead of the one that comes along',
      text,
    )
    .option('--search <path>', 'likewise, let an agent hunt in the Search tab', text)
    .option('--keep', 'with --run: make it the one that comes along, too, in web/playground/assets')
    .option('--out <dir>', 'where to put the page: a folder for any static host', text, 'dist/playground')
    .option('--port <number>', 'where to listen on 127.0.0.1; 0 for any free port', port, 8322)
    .option('--no-serve', 'only build')
    .option('--debug', 'show stack traces')
    .action((flags: Flags) => playground(flags, io))
}

async function playground({ run, search, keep, out, port, serve: shown }: Flags, io: Io): Promise<void> {
  const { agentForPlayground } = await import('../playground-assets.ts')
  const agent = run === undefined ? undefined : await agentForPlayground(run)
  const hunter = search === undefined ? undefined : await agentForPlayground(search)
  if (agent && keep) writeWhole(join(assets, 'agent.safetensors'), agent)
  const built = await playgroundPage()
  if (agent) built.set('agent.safetensors', agent)
  if (hunter) built.set('search.safetensors', hunter)
  const page = withLists(built)
  writePage(page, out)
  const size = [...page.values()].reduce((sum, bytes) => sum + bytes.length, 0)
  io.out.write(`${out}: ${page.size} files, ${(size / 1e6).toFixed(1)} MB; a folder for any static host\n`)
  if (shown) await serve(createPageServer(page), port, io)
}
