// Redis and BullMQ, which own the distribution, the retries and the persistence of a sweep's segments. Both packages are
// optional: a sweep on one machine does without.

import type * as BullMq from 'bullmq'
import type * as IoRedis from 'ioredis'
import { UserError } from '../core/errors.ts'
import { type Address, placeOf, secretVariables } from './address.ts'
import type { EpochResult } from './segment.ts'

export type Libraries = { readonly bullmq: typeof BullMq; readonly Redis: typeof IoRedis.Redis }

/** The queue that sweeps and workers meet at; one for all sweeps of a Redis. */
export const queueName = 'saccade'

/** What a job's worker tells as it goes: everything so far, so that nothing is lost where one message is. */
export type JobProgress = { readonly results: readonly EpochResult[]; readonly worker: string }

/** How long what nobody asks for is kept in Redis. */
export const keptSeconds = 7 * 24 * 3600

/** @throws UserError naming what to install. */
export async function loadLibraries(): Promise<Libraries> {
  try {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')])
    return { bullmq, Redis: ioredis.Redis }
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new UserError('--queue needs two packages more: npm install bullmq@6.7.0 ioredis@5')
  }
}

/**
 * A connection that comes back by itself whenever Redis does.
 * @param warn told once when Redis goes away, and once when it is back
 * @throws UserError where Redis cannot be reached now, or does not let one in.
 */
export async function connect(
  { Redis }: Libraries,
  address: Address,
  warn: (message: string) => void,
): Promise<IoRedis.Redis> {
  const { host, port, database, tls, username, password } = address
  const options = {
    host,
    port,
    db: database,
    username,
    password,
    lazyConnect: true,
    connectTimeout: 5000,
    ...(tls && { tls: {} }),
  }
  await check(new Redis({ ...options, maxRetriesPerRequest: 0, retryStrategy: () => null }), address)
  const connection = new Redis({
    ...options,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(2000, 100 * times),
  })
  let away = false
  // reconnecting says it all
  connection.on('error', () => {})
  connection.on('reconnecting', () => {
    if (!away) warn(`Redis at ${placeOf(address)} is away; waiting for it`)
    away = true
  })
  connection.on('ready', () => {
    if (away) warn(`Redis at ${placeOf(address)} is back`)
    away = false
  })
  await connection.connect()
  return connection
}

async function check(probe: IoRedis.Redis, address: Address): Promise<void> {
  let first: Error | undefined
  probe.on('error', (error) => {
    first ??= error
  })
  try {
    await probe.connect()
    await probe.ping()
  } catch (error) {
    throw reasonOf(first ?? (error as Error), address)
  } finally {
    probe.disconnect()
  }
}

/** Why Redis is not to be had. The error itself is not passed on: it may hold the command that was refused, password and all. */
function reasonOf(error: Error & { code?: unknown }, address: Address): UserError {
  const place = `Redis at ${placeOf(address)}`
  if (/NOAUTH|WRONGPASS|AUTH/.test(error.message))
    return new UserError(
      `${place} refuses the login: set ${secretVariables.join(' and ')}, or give --credentials a file`,
    )
  const why = typeof error.code === 'string' ? error.code : (error.message.split('\n')[0] ?? '')
  return new UserError(`cannot reach ${place} (${why}); is it running, and is --queue right?`)
}

/** Where a run's files wait in Redis between two machines. */
export const runKey = (sweep: string, name: string): string => `${queueName}:run:${sweep}:${name}`
