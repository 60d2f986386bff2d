// The parts of the package that a page may import, bundled by Vite from the packed package and run in a browser: worlds,
// agents, algorithms, the cpu and wasm engines, and a trained agent that looks. Needs a fresh `npm run build`.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { build } from 'vite'
import { readPage } from '../../scripts/pages.ts'
import { createPageServer } from '../../src/dashboard/server.ts'
import { parseIdxImages, parseIdxLabels } from '../../src/datasets/idx.ts'
import { complaintsOf, hasBrowser, launch, listen } from '../browser.ts'
import { isBuilt, root, strangersProject } from './stranger.ts'

const pageScript = `
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url'
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url'
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url'
import { initialState, makeAgent } from 'saccade/agent'
import { algorithms } from 'saccade/algorithms'
import { createEagerEngine, createWasmEngine } from 'saccade/engine'
import { checkEnvironment, make, Rng } from 'saccade/env'
import { loadAgent } from 'saccade/inference'
import tame from 'saccade/zoo/mnist-6/agent.safetensors?url'

setWasmPaths({
  'tfjs-backend-wasm.wasm': plain,
  'tfjs-backend-wasm-simd.wasm': simd,
  'tfjs-backend-wasm-threaded-simd.wasm': threaded,
})

/** A whole game of Catch, the eye still, the moves at random; what it paid. */
function playCatch() {
  const world = make('Catch', { batchSize: 4 })
  checkEnvironment(world)
  const { location, move } = world.actionSpace
  const rng = Rng.of(1)
  let { observation } = world.reset({ seed: 1 })
  let [steps, paid] = [0, 0]
  for (let over = false; !over; steps++) {
    const step = world.step({ location: location.sample(rng, 4), move: move.sample(rng, 4) })
    paid += step.reward.reduce((sum, reward) => sum + reward)
    over = step.terminated.every(Boolean)
    observation = step.observation
  }
  return { steps, paid, seen: observation.glimpse.length }
}

/** One step of a fresh agent that plays Catch. */
async function stepAgent(engine) {
  const world = make('Catch', { batchSize: 2 })
  const { glimpse, location } = world.observationSpace
  const heads = Object.entries(world.actionSpace).map(([name, space]) => ({ name, space }))
  const shapes = { glimpse: glimpse.shape, location: location.shape }
  const agent = makeAgent('ram', { core: 'lstm' }, { observation: shapes, heads, horizon: world.horizon })
  const parameters = engine.vector(agent.init(1).length)
  parameters.write(agent.init(1))
  const program = engine.compile({
    name: 'step',
    reads: { parameters: agent.layout },
    stages: [{ glimpse: { shape: [2, ...glimpse.shape], dtype: 'float32' }, location: { shape: [2, 2], dtype: 'float32' } }],
    *body({ parameters }, observation) {
      yield* []
      const { heads, value } = agent.step(parameters, observation, initialState(agent, 2))
      return { move: heads.move, value }
    },
  })
  const { move, value } = await program.run({ parameters }, () => world.reset({ seed: 3 }).observation)
  return [...move, ...value]
}

/** What an agent of the zoo says of each of these digits. */
async function look(engine, digits) {
  const agent = await loadAgent(new URL(tame, document.baseURI), { engine })
  const looks = await agent.look(digits.map((pixels) => ({ pixels: Uint8Array.from(pixels), height: 28, width: 28 })))
  const again = await agent.look({ pixels: Uint8Array.from(digits[0]), height: 28, width: 28 })
  await agent.dispose()
  return { named: looks.map(({ prediction }) => prediction), glimpses: looks[0].path.length, alone: again.prediction }
}

window.everything = async (digits) => {
  const engines = [await createEagerEngine('cpu', 'cpu', 'plain JavaScript'), await createWasmEngine()]
  const found = { played: playCatch(), algorithms: algorithms.names(), engines: {} }
  for (const engine of engines)
    found.engines[engine.name] = { outputs: await stepAgent(engine), look: await look(engine, digits) }
  return found
}
`

/** What the page hands back. */
type Found = {
  readonly played: { readonly steps: number; readonly paid: number; readonly seen: number }
  readonly algorithms: readonly string[]
  readonly engines: Readonly<
    Record<
      string,
      {
        readonly outputs: readonly number[]
        readonly look: { readonly named: readonly number[]; readonly glimpses: number; readonly alone: number }
      }
    >
  >
}

const assets = join(root, 'web', 'playground', 'assets')
const ready = isBuilt()

/** The page, bundled from the packed package; a module of Node's in it is an error. */
async function bundlePage(): Promise<string> {
  const { home, write } = strangersProject()
  write('index.html', '<!doctype html><link rel="icon" href="data:," /><script type="module" src="page.js"></script>')
  write('page.js', pageScript)
  await build({
    ...{ configFile: false, root: home, base: './', logLevel: 'error' },
    plugins: [
      {
        name: 'no-node',
        enforce: 'pre',
        resolveId(source, importer) {
          // tfjs asks for these in Node alone, behind a check of where it runs; vite leaves them empty
          if (!source.startsWith('node:') || importer?.includes('@tensorflow')) return null
          throw new Error(`${importer} imports ${source}`)
        },
      },
    ],
    build: { target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 8192 },
  })
  return join(home, 'dist')
}

if (ready)
  test('worlds, agents, engines and inference are bundled for a browser, and work there', async () => {
    const dist = await bundlePage()
    const scripts = readdirSync(join(dist, 'assets')).filter((name) => name.endsWith('.js'))
    const sizes = scripts.map((name) => {
      const bytes = readFileSync(join(dist, 'assets', name))
      return { name, size: bytes.length, packed: gzipSync(bytes).length }
    })
    const kilobytes = (sum: number): string => `${Math.round(sum / 1000).toLocaleString('en')} kB`
    console.log(
      `NOTE the bundle: ${kilobytes(total(sizes.map(({ size }) => size)))} of scripts, ${kilobytes(total(sizes.map(({ packed }) => packed)))} gzipped`,
    )
    assert.ok(total(sizes.map(({ size }) => size)) < 3_000_000)
    if (!hasBrowser()) return
    const server = createPageServer(readPage(dist))
    const address = await listen(server)
    const browser = await launch()
    try {
      const page = await browser.newPage()
      const complaints = complaintsOf(page, address)
      await page.goto(address)
      await page.waitForFunction('window.everything')
      const digits = parseIdxImages(readFileSync(join(assets, 'digits.idx3')), 'digits').images
      const labels = [...parseIdxLabels(readFileSync(join(assets, 'labels.idx1')), 'labels')].slice(0, 20)
      const images = labels.map((_, i) => [...digits.subarray(i * 784, (i + 1) * 784)])
      const found: Found = await page.evaluate(`window.everything(${JSON.stringify(images)})`)
      assert.equal(complaints, [])
      assert.ok(found.algorithms.includes('reinforce'))
      assert.is(found.played.seen, 4 * 3 * 6 * 6)
      assert.ok(found.played.steps > 10 && found.played.paid >= 0 && found.played.paid <= 4)
      const { cpu, wasm } = found.engines
      assert.is(cpu!.outputs.length, 2 * 3 + 2)
      for (const [i, value] of cpu!.outputs.entries()) assert.ok(Math.abs(value - wasm!.outputs[i]!) < 1e-5)
      for (const { look } of [cpu!, wasm!]) {
        assert.is(look.glimpses, 6)
        assert.is(look.alone, look.named[0])
        const wrong = look.named.filter((named, i) => named !== labels[i]).length
        assert.ok(wrong <= 1, `${wrong} of ${labels.length} digits are named wrongly`)
      }
    } finally {
      await browser.close()
      server.close()
      server.closeAllConnections()
    }
  })

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

test.run()
