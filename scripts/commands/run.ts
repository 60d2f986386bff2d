// Running a command: what a person can mend is one line and exit code 1; a fault of ours keeps its stack for --debug.

import { inspect } from 'node:util'
import { type Command, CommanderError, Option } from 'commander'
import { OptionError, UserError } from '../../src/core/errors.ts'
import type { Output } from '../../src/report/progress.ts'
import { guarded } from '../../src/report/terminal.ts'
import { decideBy, type Gatekeeper, placeInModules } from '../../src/runs/imports.ts'
import { whoKnows } from './configuration.ts'
import { kebab } from './flags.ts'
import { missingHere } from './missing.ts'
import { userDecides } from './trust.ts'

/** Where a command prints. */
export type Io = { readonly out: Output; readonly error: Output }

/** A command, made for its arguments: which options it knows may depend on them. */
export type Builder = (args: readonly string[], io: Io) => Command | Promise<Command>

/** What vouches for the modules that a run directory or a file names. */
const trust = new Option('--trust', 'let the modules run that a run directory or a file names')

/**
 * Build a command and run it.
 * @param decides whether modules may run that only a file names: by default none but with --trust
 * @returns the exit code
 */
export async function run(
  builder: Builder,
  args: readonly string[],
  { out, error: errors }: Io,
  decides: (vouched: boolean) => Gatekeeper = (vouched) => ({ admit: async () => vouched, remember: () => {} }),
): Promise<number> {
  const io: Io = { out: guarded(out), error: guarded(errors) }
  try {
    decideBy(decides(args.includes(trust.long!)))
    const command = await builder(args, io)
    for (const each of [command, ...command.commands])
      each
        .addOption(trust)
        .exitOverride()
        .configureOutput({
          writeOut: (text) => void io.out.write(text),
          writeErr: (text) => void io.error.write(text),
          outputError: (text, write) => write(`${withOwner(oneLine(text))}\n`),
        })
    await command.parseAsync([...args], { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode
    const { message, stack } = error instanceof Error ? error : new Error(String(error))
    const theirs = placeInModules({ stack })
    if (args.includes('--debug')) io.error.write(`${inspect(error)}\n`)
    else if (error instanceof UserError) io.error.write(`error: ${asFlags(oneLine(message))}\n`)
    else if (error instanceof OptionError && !theirs) io.error.write(`error: ${namesAsFlags(oneLine(message))}\n`)
    else if (theirs) io.error.write(`error: ${theirs}: ${oneLine(message)} (--debug shows how it came there)\n`)
    else io.error.write(`error: ${oneLine(message)} (unexpected; --debug shows where)\n`)
    return 1
  }
}

/** Run a command as this process; `name` is how it is called, for --help. */
export async function main(
  builder: Builder,
  name: string,
  args: readonly string[] = process.argv.slice(2),
): Promise<void> {
  // a reader that went away (`| head`, or `| tee` on Ctrl-C), a terminal that hung up or a full disk under a log is no reason to
  // end a training, let alone before it has saved; that something printed was lost shows in the exit code
  let lost: string | undefined
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', ({ code }: { code?: string }) => {
      if (code !== 'EPIPE' && code !== 'EIO') lost ??= code
    })
  const missing = missingHere()
  if (missing !== undefined) process.stderr.write(`${missing}\n`)
  const named: Builder = async (given, io) => {
    const command = await builder(given, io)
    if (name.startsWith('npm run ')) refuseSwallowed(name, given, flagsOf(command))
    return command.name(name)
  }
  process.exitCode = await run(named, args, { out: process.stdout, error: process.stderr }, userDecides)
  if (lost === undefined) return
  process.stderr.write(`error: what was printed is incomplete (${lost})\n`)
  process.exitCode ||= 1
}

/** Flags of ours that are settings of npm's too: what it has set for one of these says nothing. */
const settingsOfNpm = ['json', 'depth', 'name', 'version']

/** The flags of a command and of those under it, without their dashes. */
const flagsOf = (command: Command): string[] =>
  [command, ...command.commands].flatMap(({ options }) =>
    options.flatMap(({ long }) => long?.replace(/^--(no-)?/, '') ?? []),
  )

/** @throws UserError where npm kept flags for itself: `npm run train --quick` lacks a second `--`. */
function refuseSwallowed(name: string, given: readonly string[], flags: readonly string[]): void {
  const kept = (flag: string): string | undefined => process.env[`npm_config_${flag.replaceAll('-', '_')}`]
  const isGiven = (flag: string): boolean => given.includes(`--${flag}`) || given.includes(`--no-${flag}`)
  const lost = flags.find((flag) => !settingsOfNpm.includes(flag) && kept(flag) !== undefined && !isGiven(flag))
  if (lost === undefined) return
  const flag = kept(lost) === '' ? `--no-${lost}` : `--${lost}` // npm makes an empty setting of a no
  throw new UserError(`npm took ${flag} for itself; write ${name} ${flag} ..., with -- between the two`)
}

/** `training: batchSize: 0 given` with the flag's name. */
const asFlags = (message: string): string =>
  message.replace(
    /((?:^|; )(?:training|(?:environment|agent|algorithm) [^\s:]+): |^|; )([a-z]\w*)(?=: \S+ given; )/g,
    (_, before: string, name: string) => `${before}--${kebab(name)}`,
  )

/** `contextSide 200 given` with the flags' names: words with a capital inside are options. */
const namesAsFlags = (message: string): string =>
  message.replace(/\b[a-z]+(?:[A-Z][a-z]+)+\b/g, (name) => `--${kebab(name)}`)

/** An option that this command does not know, but another world, agent or algorithm does. */
function withOwner(text: string): string {
  const [, flag] = /unknown option '(--[\w-]+)/.exec(text) ?? []
  const owner = flag === undefined ? undefined : whoKnows(flag)
  return owner ? `${text.replace(/; did you mean.*$/, '')}; it is an option of ${owner}` : text
}

/** commander puts its suggestion on a second line. */
const oneLine = (text: string): string =>
  text
    .trim()
    .replace(/\n\(Did you mean (one of )?(.+)\?\)/, '; did you mean $1$2?')
    .replace(/\s*\n\s*/g, '; ')
