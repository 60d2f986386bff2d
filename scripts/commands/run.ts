// Running a command: what a person can mend is one line and exit code 1; a fault of ours keeps its stack for --debug.

import { type Command, CommanderError } from 'commander'
import { UserError } from '../../src/core/errors.ts'
import type { Output } from '../../src/report/progress.ts'

/** Where a command prints. */
export type Io = { readonly out: Output; readonly error: Output }

/** A command, made for its arguments: which options it knows may depend on them. */
export type Builder = (args: readonly string[], io: Io) => Command | Promise<Command>

/**
 * Build a command and run it.
 * @returns the exit code
 */
export async function run(builder: Builder, args: readonly string[], io: Io): Promise<number> {
  try {
    const command = await builder(args, io)
    for (const each of [command, ...command.commands])
      each.exitOverride().configureOutput({
        writeOut: (text) => void io.out.write(text),
        writeErr: (text) => void io.error.write(text),
        outputError: (text, write) => write(`${oneLine(text)}\n`),
      })
    await command.parseAsync([...args], { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode
    const { message, stack } = error instanceof Error ? error : new Error(String(error))
    const mendable = error instanceof UserError
    if (args.includes('--debug')) io.error.write(`${stack}\n`)
    else io.error.write(`error: ${oneLine(message)}${mendable ? '' : ' (unexpected; --debug shows where)'}\n`)
    return 1
  }
}

/** Run a command as this process; `name` is how it is called, for --help. */
export async function main(
  builder: Builder,
  name: string,
  args: readonly string[] = process.argv.slice(2),
): Promise<void> {
  // a reader that went away (`| head`) is no reason to stop a training
  process.stdout.on('error', (error: { code?: unknown }) => {
    if (error.code !== 'EPIPE') throw error
  })
  const named: Builder = async (given, io) => (await builder(given, io)).name(name)
  process.exitCode = await run(named, args, { out: process.stdout, error: process.stderr })
}

/** commander puts its suggestion on a second line. */
const oneLine = (text: string): string =>
  text
    .trim()
    .replace(/\n\(Did you mean (one of )?(.+)\?\)/, '; did you mean $1$2?')
    .replace(/\s*\n\s*/g, '; ')
