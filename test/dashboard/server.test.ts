import { once } from 'node:events'
import { request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { createDashboard, host } from '../../src/dashboard/server.ts'
import { addEpoch, newRoot, putRun } from './help.ts'

const page = new Map([['index.html', Buffer.from('<p>page</p>')]])
const root = newRoot()
putRun(root, 'run')
putRun(root, 'sweep/seed-1')
const gaze = async (directory: string): Promise<never> => {
  throw new Error(`no gaze in ${directory}`)
}
const server: Server = createDashboard({ root, page, gaze })
server.listen(0, host)
await once(server, 'listening')
const { port, address } = server.address() as AddressInfo

type Answer = { readonly status: number; readonly headers: NodeJS.Dict<string | string[]>; readonly body: string }

/** The path goes out exactly as it is given, dots and all. */
async function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const sent = request({ host, port, path, headers, method }).end()
  const [response] = await once(sent, 'response')
  let body = ''
  for await (const chunk of response) body += chunk
  return { status: response.statusCode, headers: response.headers, body }
}

test.after(() => {
  server.close()
  server.closeAllConnections()
})

test('it listens on this machine alone', () => {
  assert.is(address, '127.0.0.1')
})

test('the page allows nothing that is not its own', async () => {
  const { status, headers, body } = await get('/')
  assert.is(status, 200)
  assert.is(body, '<p>page</p>')
  const policy = String(headers['content-security-policy'])
  assert.match(policy, /^default-src 'none'/)
  assert.not.match(policy, /unsafe-inline|unsafe-eval'? |http|\*/)
  assert.is(headers['x-content-type-options'], 'nosniff')
  assert.is(headers['access-control-allow-origin'], undefined)
})

test('only files of the page and runs in the list are read, whatever the path says', async () => {
  for (const path of [
    '/../../../../etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/config.json',
    '/run/config.json',
    '/api/run',
    '/api/run?name=..',
    '/api/run?name=../../etc',
    '/api/run?name=run/../run',
    '/api/run?name=/etc',
    '/api/run?name=run%00',
    '/api/gaze?name=..%2f',
    '/constructor',
    '//',
    '/\\\\',
  ])
    assert.is((await get(path)).status, 404, path)
})

test('a request by another name is refused: a forged DNS entry reaches nothing', async () => {
  for (const name of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', '['])
    assert.is((await get('/api/runs', { host: name })).status, 403, name)
  assert.is((await get('/api/runs', { host: `localhost:${port}` })).status, 200)
})

test('nothing can be written', async () => {
  for (const method of ['POST', 'PUT', 'DELETE']) assert.is((await get('/api/runs', {}, method)).status, 405)
})

test('the list and the runs in it come as JSON', async () => {
  const list = JSON.parse((await get('/api/runs')).body)
  assert.equal(list.runs.map(({ name }: { name: string }) => name).sort(), ['run', 'sweep/seed-1'])
  const run = JSON.parse((await get('/api/run?name=sweep%2Fseed-1')).body)
  assert.is(run.points.length, 3)
})

test('a gaze that cannot be shown says why', async () => {
  assert.equal(JSON.parse((await get('/api/gaze?name=run')).body), { error: `no gaze in ${root}/run` })
})

test('a stream tells of an epoch within a second, and of runs that come', async () => {
  const sent = request({ host, port, path: '/api/events' }).end()
  const [response] = await once(sent, 'response')
  assert.match(response.headers['content-type'], /^text\/event-stream/)
  let heard = ''
  response.on('data', (chunk: Buffer) => {
    heard += chunk
  })
  const hear = async (words: string): Promise<void> => {
    for (let waited = 0; waited < 1000 && !heard.includes(words); waited += 20)
      await new Promise((go) => setTimeout(go, 20))
    assert.ok(heard.includes(words), `${words} in ${heard}`)
  }
  await hear('retry')
  addEpoch(root, 'run', 4)
  await hear('event: change\ndata: {"names":["run"]}\n\n')
  putRun(root, 'newcomer')
  await hear('"newcomer"')
  assert.is(JSON.parse((await get('/api/run?name=run')).body).epoch, 4)
  sent.destroy()
})

test.run()
