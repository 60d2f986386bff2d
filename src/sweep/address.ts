// Where a queue's Redis is, and who one is there. Names and passwords come from the environment or from a file, so that they
// stand in no list of processes, no shell history and no log; nothing here ever says them.

import { readFileSync, statSync } from 'node:fs'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { UserError } from '../core/errors.ts'
import { parseOptions } from '../core/options.ts'
import { inWords } from '../runs/files.ts'

/** A Redis, and how to be let in. */
export type Address = {
  readonly host: string
  readonly port: number
  readonly database: number
  readonly tls: boolean
  readonly username: string | undefined
  readonly password: string | undefined
}

/** What the environment may say; not passed on to the processes that train. */
export const secretVariables: readonly string[] = ['SACCADE_REDIS_USERNAME', 'SACCADE_REDIS_PASSWORD']

const credentialsSchema = z.strictObject({ username: z.string().optional(), password: z.string() })

/**
 * The address that was given.
 * @param url `redis://HOST[:PORT][/DATABASE]`, or `rediss://` for TLS; without a name or a password
 * @param file YAML or JSON, `username` (optional) and `password`; in place of the environment
 * @throws UserError on anything else, without repeating it where it may hold a password.
 */
export function readAddress(url: string, file?: string, environment: NodeJS.ProcessEnv = process.env): Address {
  const expected = 'expected redis://HOST:PORT or rediss://HOST:PORT'
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    throw new UserError(`--queue: not an address; ${expected}`)
  }
  if (parsed.username || parsed.password)
    throw new UserError(
      `--queue: leave name and password out of the address, for others can read a command line; set ${secretVariables.join(' and ')}, or give --credentials a file`,
    )
  const { protocol, hostname, port, pathname } = parsed
  const database = Number(pathname.slice(1) || 0)
  if (
    !['redis:', 'rediss:'].includes(protocol) ||
    !hostname ||
    !Number.isInteger(database) ||
    parsed.search ||
    parsed.hash
  )
    throw new UserError(`--queue: ${protocol}//${hostname} given; ${expected}, with /NUMBER for a database`)
  const credentials =
    file === undefined
      ? { username: environment.SACCADE_REDIS_USERNAME, password: environment.SACCADE_REDIS_PASSWORD }
      : readCredentials(file)
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 6379),
    database,
    tls: protocol === 'rediss:',
    username: credentials.username || undefined,
    password: credentials.password || undefined,
  }
}

/** `HOST:PORT`, and nothing secret. */
export const placeOf = ({ host, port }: Address): string => `${host}:${port}`

function readCredentials(file: string): z.infer<typeof credentialsSchema> {
  let content: unknown
  try {
    if (process.platform !== 'win32' && statSync(file).mode & 0o004)
      throw new UserError(`${file}: everybody can read it; chmod 600 ${file}`)
    content = parseYaml(readFileSync(file, 'utf8'))
  } catch (error) {
    const wrong = inWords(error, `cannot read ${file}`)
    // a parser's complaint would quote the file
    throw wrong instanceof UserError ? wrong : new UserError(`${file}: not YAML`)
  }
  if (!credentialsSchema.safeParse(content).success)
    throw new UserError(`${file}: expected "username" (optional) and "password", two lines of YAML`)
  return parseOptions(credentialsSchema, content, file)
}
