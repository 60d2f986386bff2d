// Trains a little on ONNX Runtime and says how it was reached and which network sockets this process had meanwhile:
// `telemetry-child.ts main|thread koffi|binding <workers>`. `thread`: in a worker thread of its own, as a library's user might;
// `binding`: as if koffi were not installed. For telemetry.test.ts.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

const [where = 'main', how = 'koffi', workers = '1'] = process.argv.slice(2)

/** Refuses koffi, as where it is not installed. */
const withoutKoffi = `export const resolve = (name, context, next) => {
  if (name === 'koffi') throw Object.assign(new Error('koffi is hidden'), { code: 'ERR_MODULE_NOT_FOUND' })
  return next(name, context)
}`

/** This process's sockets of the internet, as the system lists them. */
function networkSockets(): string[] {
  const tables = ['tcp', 'tcp6', 'udp', 'udp6'].map((name) => readFileSync(`/proc/self/net/${name}`, 'utf8'))
  const listed = new Set(tables.flatMap((table) => table.split('\n').map((line) => line.trim().split(/\s+/)[9])))
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`)) ?? []
      return inode !== undefined && listed.has(inode) ? [inode] : []
    } catch {
      return [] // closed since
    }
  })
}

async function train(): Promise<string> {
  const { smallConfig, trainOnce } = await import('../training/help.ts')
  const sockets: string[] = []
  const look = setInterval(() => sockets.push(...networkSockets()), 20)
  let engine = ''
  const config = smallConfig({ training: { engine: 'onnx', workers: Number(workers) } })
  await trainOnce(config, undefined, (trainer) => trainer.on('start', ({ why }) => (engine = why)))
  clearInterval(look)
  return JSON.stringify({ engine, sockets: [...new Set(sockets)] })
}

/** A module's address, out of its text. */
const moduleOf = (text: string): URL => new URL(`data:text/javascript,${encodeURIComponent(text)}`)

const hide = `import { register } from 'node:module'; register(${JSON.stringify(moduleOf(withoutKoffi).href)});`
if (where === 'thread' && isMainThread) {
  const tsx = `import { register as tsx } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))}; tsx();`
  const go = `await import(${JSON.stringify(import.meta.url)})`
  const thread = new Worker(moduleOf(`${tsx}${how === 'binding' ? hide : ''}${go}`), { argv: process.argv.slice(2) })
  thread.on('message', (message) => console.log(message))
  thread.on('error', ({ message }) => console.log(JSON.stringify({ error: message })))
} else {
  if (isMainThread && how === 'binding') await import(moduleOf(hide).href)
  const told = await train()
  if (isMainThread) console.log(told)
  else parentPort!.postMessage(told)
}
