// Runs a command in this process and collects what it prints.

import { type Builder, run } from '../../scripts/commands/run.ts'

export type Outcome = { readonly code: number; readonly out: string; readonly error: string }

/** Run a command with these arguments. */
export async function outcomeOf(builder: Builder, ...args: string[]): Promise<Outcome> {
  const printed = { out: '', error: '' }
  const collect = (key: 'out' | 'error') => ({
    write: (text: string): void => {
      printed[key] += text
    },
  })
  const code = await run(builder, args, { out: collect('out'), error: collect('error') })
  return { code, ...printed }
}
