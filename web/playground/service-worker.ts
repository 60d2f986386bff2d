// Keeps every file of this folder in the browser, so that the page works without a network once it has been loaded. A file
// in assets/ has a hash of its contents in its name: it is answered from what is kept. Any other is asked of the network, so
// that a newer build is seen at once, and answered from what is kept where there is none.

/** The part of a service worker's own scope that is used; its types are not those of a page. */
const scope = globalThis as unknown as {
  readonly registration: ServiceWorkerRegistration
  readonly clients: { claim(): Promise<void> }
  importScripts(address: string): void
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', react: (event: Lasting) => void): void
  addEventListener(type: 'fetch', react: (event: Asked) => void): void
  /** What files.js says: the files to keep, and a hash of what is in them. */
  kept: { readonly version: string; readonly files: readonly string[] }
}
type Lasting = { waitUntil(work: Promise<unknown>): void }
type Asked = { readonly request: Request; respondWith(answer: Promise<Response>): void }

scope.importScripts('./files.js')
const { version, files } = scope.kept
const folder = scope.registration.scope
/** Caches are those of the whole host, on which this page may be in other folders, too. */
const ours = `saccade ${folder} `
const cacheName = ours + version

scope.addEventListener('install', (event) => event.waitUntil(keepAll()))
scope.addEventListener('activate', (event) => event.waitUntil(takeOver()))
scope.addEventListener('fetch', (event) => {
  const file = fileAt(event.request.url)
  if (event.request.method === 'GET' && files.includes(file)) event.respondWith(answer(event.request, file))
})

/** One after another, so that a tab that is opened meanwhile need not wait for all of them. */
async function keepAll(): Promise<void> {
  const cache = await caches.open(cacheName)
  for (const file of files) {
    const { ok, status, body, headers } = await fetch(file, { cache: 'no-cache' })
    if (!ok) throw new Error(`${file} is missing (${status})`)
    // a copy, since a page may not be answered with what a host has redirected
    await cache.put(file, new Response(body, { headers }))
  }
  await scope.skipWaiting()
}

/** Also the pages that are open, which have asked the network so far; what older builds kept goes. */
async function takeOver(): Promise<void> {
  const older = (await caches.keys()).filter((name) => name.startsWith(ours) && name !== cacheName)
  await Promise.all(older.map((name) => caches.delete(name)))
  await scope.clients.claim()
}

/** The path of a file in this folder; elsewhere, none that is kept. */
function fileAt(address: string): string {
  const { origin, pathname } = new URL(address)
  if (!(origin + pathname).startsWith(folder)) return ''
  return (origin + pathname).slice(folder.length) || 'index.html'
}

async function answer(request: Request, file: string): Promise<Response> {
  const kept = async (): Promise<Response | undefined> => (await caches.open(cacheName)).match(file)
  if (file.startsWith('assets/')) return (await kept()) ?? fetch(request)
  try {
    return await fetch(request)
  } catch (error) {
    const found = await kept()
    if (found) return found
    throw error
  }
}
