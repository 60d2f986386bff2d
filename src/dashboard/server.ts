// The dashboard's server: the page, the runs as JSON, and a stream that says which of them changed. It listens on this
// machine alone, answers only to its own name (a page of another host cannot reach it by a forged DNS entry), reads only
// files of runs that it listed itself, and writes nothing.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { fingerprint, listRuns } from '../runs/read-run.ts'
import type { Change, Gaze, Refusal, RunDetail, RunList } from './protocol.ts'
import { detailOf, summarise } from './read-run.ts'
import { watchRuns } from './watch.ts'

/** The files of a built page by path: `index.html`, `assets/index-1a2b.js`. */
export type Page = ReadonlyMap<string, Uint8Array>

/** What a dashboard shows. */
export type DashboardOptions = {
  /** The directory of runs. */
  readonly root: string
  readonly page: Page
  /** Some episodes of a run's latest checkpoint. @throws Error saying why there are none. */
  readonly gaze: (directory: string) => Promise<Gaze>
}

/** The only place the server listens at. */
export const host = '127.0.0.1'

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  json: 'application/json; charset=utf-8',
  wasm: 'application/wasm',
}

/** Nothing but our own files, and no inline code. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const guards = {
  'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
}

/** A server that is not yet listening. To end it while pages are open: `closeAllConnections`, too. */
export function createDashboard(options: DashboardOptions): Server {
  const runs = new RunReader(options.root)
  const streams = new Streams(options.root)
  const routes: Readonly<Record<string, (query: URLSearchParams, response: ServerResponse) => void | Promise<void>>> = {
    '/api/runs': (_, response) => sendJson(response, 200, runs.list()),
    '/api/run': (query, response) => {
      const name = runs.find(query.get('name'))
      if (name === undefined) sendJson(response, 404, { error: 'there is no such run' })
      else sendJson(response, 200, runs.read(name))
    },
    '/api/gaze': async (query, response) => {
      const name = runs.find(query.get('name'))
      try {
        if (name === undefined) sendJson(response, 404, { error: 'there is no such run' })
        else sendJson(response, 200, await options.gaze(join(options.root, name)))
      } catch (error) {
        sendJson(response, 200, { error: (error as Error).message })
      }
    },
    '/api/events': (_, response) => streams.open(response),
  }
  return createServer(async (request, response) => {
    if (!isAllowed(request, response)) return
    const { pathname, searchParams } = addressOf(request)
    const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined
    try {
      if (route) await route(searchParams, response)
      else sendFile(options.page, pathname, response)
    } catch (error) {
      if (response.headersSent) response.destroy()
      else sendJson(response, 500, { error: (error as Error).message })
    }
  })
}

/** Serve the files of a built page and nothing else. */
export function createPageServer(page: Page): Server {
  return createServer((request, response) => {
    if (!isAllowed(request, response)) return
    sendFile(page, addressOf(request).pathname, response)
  })
}

/** Path and query of a request; an address that is none is that of no page. */
function addressOf({ url = '/' }: IncomingMessage): URL {
  const base = `http://${host}`
  return new URL(URL.canParse(url, base) ? url : '/no-address', base)
}

/** Refuses what is no reading, and what came by another name than ours. */
function isAllowed(request: IncomingMessage, response: ServerResponse): boolean {
  const { hostname } = URL.canParse(`http://${request.headers.host}`) ? new URL(`http://${request.headers.host}`) : {}
  if (hostname !== host && hostname !== 'localhost') {
    sendJson(response, 403, { error: `this server answers to ${host} and localhost only` })
    return false
  }
  if (request.method === 'GET' || request.method === 'HEAD') return true
  response.setHeader('Allow', 'GET, HEAD')
  sendJson(response, 405, { error: 'this server is for reading only' })
  return false
}

function sendFile(page: Page, pathname: string, response: ServerResponse): void {
  const path = pathname === '/' ? 'index.html' : pathname.slice(1)
  const file = page.get(path)
  if (!file) {
    sendJson(response, 404, { error: 'there is no such page' })
    return
  }
  const extension = path.slice(path.lastIndexOf('.') + 1)
  response.writeHead(200, { ...guards, 'Content-Type': types[extension] ?? 'application/octet-stream' })
  response.end(file)
}

function sendJson(response: ServerResponse, status: number, body: RunList | RunDetail | Gaze | Refusal): void {
  response.writeHead(status, { ...guards, 'Content-Type': types.json })
  response.end(JSON.stringify(body))
}

/** Reads runs, each again only when one of its files has changed. */
class RunReader {
  private readonly root: string
  private readonly known = new Map<string, { readonly print: string; readonly detail: RunDetail }>()

  constructor(root: string) {
    this.root = root
  }

  list(): RunList {
    const runs = listRuns(this.root).map((name) => summarise(this.read(name)))
    return { root: this.root, runs: runs.sort((a, b) => b.updated - a.updated) }
  }

  /** A name that someone gave, where it is that of a run: then it is safe to read. */
  find(name: string | null): string | undefined {
    return listRuns(this.root).find((each) => each === name)
  }

  read(name: string): RunDetail {
    const print = fingerprint(join(this.root, name))
    const known = this.known.get(name)
    if (known?.print === print) return known.detail
    const detail = detailOf(this.root, name)
    this.known.set(name, { print, detail })
    return detail
  }
}

/** Everyone who listens for changes; while nobody does, nobody watches. */
class Streams {
  private readonly root: string
  private readonly listeners = new Set<ServerResponse>()
  private stop: (() => void) | undefined
  private heart: NodeJS.Timeout | undefined

  constructor(root: string) {
    this.root = root
  }

  open(response: ServerResponse): void {
    response.writeHead(200, { ...guards, 'Content-Type': 'text/event-stream; charset=utf-8' })
    response.write('retry: 1000\n\n')
    this.listeners.add(response)
    response.on('close', () => {
      this.listeners.delete(response)
      if (this.listeners.size === 0) this.rest()
    })
    this.stop ??= watchRuns(this.root, (names) =>
      this.tell(`event: change\ndata: ${JSON.stringify({ names } satisfies Change)}\n\n`),
    )
    this.heart ??= setInterval(() => this.tell(': still here\n\n'), 20_000)
  }

  private tell(message: string): void {
    for (const response of this.listeners) response.write(message)
  }

  private rest(): void {
    this.stop?.()
    this.stop = undefined
    clearInterval(this.heart)
    this.heart = undefined
  }
}
