// A Redis of the test's own, where redis-server is installed.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'uvu'
import { type Address, readAddress } from '../../src/sweep/address.ts'
import { temporary } from './support.ts'

const installed = spawnSync('redis-server', ['--version']).status === 0
if (!installed) console.log('SKIP sweeps over a queue: redis-server is not installed (apt-get install redis-server)')
/** A test that needs one. */
export const withRedis = installed ? test : test.skip

export const password = 'not-to-be-seen'
export const environment = { SACCADE_REDIS_PASSWORD: password }

/** A Redis of the test's own, on a loopback port, that keeps what it is told. */
export class Redis {
  readonly url: string
  private readonly port: number
  private readonly directory = temporary()
  private process: ChildProcess | undefined

  constructor(port: number) {
    this.port = port
    this.url = `redis://127.0.0.1:${port}`
  }

  static async start(): Promise<Redis> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    server.close()
    const redis = new Redis(port)
    await redis.up()
    return redis
  }

  async up(): Promise<void> {
    const options = {
      port: this.port,
      bind: '127.0.0.1',
      dir: this.directory,
      appendonly: 'yes',
      requirepass: password,
    }
    const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
    const server = spawn('redis-server', words, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.process = server
    process.once('exit', () => server.kill('SIGKILL'))
    await said(this.process, /Ready to accept connections/)
  }

  async down(): Promise<void> {
    this.process?.kill('SIGTERM')
    await once(this.process!, 'exit')
  }

  address(): Address {
    return readAddress(this.url, undefined, environment)
  }
}

/** A Redis that is up. */
export const startRedis = (): Promise<Redis> => Redis.start()

/** Resolves when a process has said something. */
export function said(child: ChildProcess, words: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = ''
    child.stdout!.on('data', (chunk) => {
      output += chunk
      if (words.test(output)) resolve()
    })
    child.once('exit', (code) =>
      reject(new Error(`it ended with ${code} before it said ${words}: ${output.slice(0, 500)}`)),
    )
  })
}
