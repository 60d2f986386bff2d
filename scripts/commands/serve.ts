// Serving a page on this machine until somebody interrupts.

import { once } from 'node:events'
import type { Server } from 'node:http'
import { InvalidArgumentError } from 'commander'
import { UserError } from '../../src/core/errors.ts'
import { host } from '../../src/dashboard/server.ts'
import { integer } from './flags.ts'
import type { Io } from './run.ts'

/** A port number; 0 for any that is free. */
export function port(value: string): number {
  const parsed = integer(value)
  if (parsed < 0 || parsed > 65535) throw new InvalidArgumentError('Allowed: 0 to 65535.')
  return parsed
}

/**
 * Listen, say where, and stay until SIGINT or SIGTERM.
 * @throws UserError where the port is taken.
 */
export async function serve(server: Server, wanted: number, io: Io): Promise<void> {
  server.listen(wanted, host)
  await once(server, 'listening').catch((error: { code?: unknown }) => {
    if (error.code === 'EADDRINUSE') throw new UserError(`port ${wanted} is taken; choose another with --port`)
    if (error.code === 'EACCES')
      throw new UserError(`port ${wanted} needs rights that you have not; choose another with --port`)
    throw error
  })
  io.out.write(`http://${host}:${(server.address() as { port: number }).port}/  (Ctrl-C to end)\n`)
  const end = (): void => {
    server.close()
    server.closeAllConnections()
  }
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  await once(server, 'close')
  process.off('SIGINT', end)
  process.off('SIGTERM', end)
}
