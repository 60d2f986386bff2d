// `zoo`: the trained agents that come along; and, in a checkout, how one is added.

import { Command } from 'commander'
import '../../src/catalogue.ts'
import { zooFolder } from '../../src/inference/find-agent.ts'
import { inBytes } from '../../src/runs/files.ts'
import type { AddOptions } from '../add-to-zoo.ts'
import { readZoo, type ZooAgent } from '../zoo.ts'
import { figureInWords, writeCards } from '../zoo-cards.ts'
import { atLeast, number, text } from './flags.ts'
import type { Io } from './run.ts'

/** The largest change of an error that is not seen in two digits. */
const unseen = 0.005

type AddFlags = Omit<AddOptions, 'float16'> & { readonly float16?: number | true; readonly zoo: string }

export function zooCommand(_args: readonly string[], io: Io): Command {
  const command = new Command('zoo')
    .description('List the trained agents that come along: zoo:NAME, wherever a command or loadAgent takes an agent.')
    .usage('[options]\n       add <name> <runs...>\n       cards')
    .option('--json', 'print one JSON object')
    .option('--debug', 'show stack traces')
    .action(({ json }: { json?: boolean }) => {
      const agents = readZoo(zooFolder())
      io.out.write(json ? `${JSON.stringify(agents)}\n` : listing(agents))
    })
  command
    .command('add')
    .description('Test the best of some finished runs that differ in the seed alone, and add it with its card.')
    .argument('<name>', 'what it is to be called: zoo:NAME', text)
    .argument('<runs...>', 'the run directories; the one of the lowest validation error is taken')
    .option(
      '--float16 [change]',
      `store in float16 where that changes no error by more than this (default ${unseen}, less than is shown)`,
      number,
    )
    .option('--commit <id>', 'the commit that it was trained at, where the run does not say', text)
    .option('--replace', 'put it in the place of the agent that has this name')
    .option('--engine <name>', 'what computes: auto, onnx, tensorflow, wasm, cpu ...', text, 'auto')
    .option('--workers <count>', 'threads; 0 for as many as there are cores', atLeast(0), 0)
    .option('--zoo <dir>', 'the zoo', text, zooFolder())
    .option('--debug', 'show stack traces')
    .action(async (name: string, runs: string[], { zoo, float16, ...flags }: AddFlags) => {
      const { addToZoo } = await import('../add-to-zoo.ts')
      const options = { ...flags, float16: float16 === true ? unseen : float16 }
      io.out.write(listing([await addToZoo(zoo, name, runs, options, (line) => io.out.write(`${line}\n`))]))
    })
  command
    .command('cards')
    .description('Write the cards anew from what the entries say.')
    .option('--zoo <dir>', 'the zoo', text, zooFolder())
    .option('--debug', 'show stack traces')
    .action(({ zoo }: { zoo: string }) => writeCards(zoo))
  return command
}

/** A line each: name, world, greedy and averaged figure, size. */
function listing(agents: readonly ZooAgent[]): string {
  if (agents.length === 0) return 'the zoo is empty here\n'
  const rows = agents.map(({ name, entry: { evaluation }, config, size }) => {
    const { figure, interval } = figureInWords(evaluation, 'greedy')
    const averaged = figureInWords(evaluation, 'averaged').figure
    const what = evaluation.measure === 'failure' ? 'error' : evaluation.measure
    return [
      `zoo:${name}`,
      config.environment.id,
      `${what} ${figure} ${interval}`,
      `averaged ${averaged}`,
      inBytes(size),
    ]
  })
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
