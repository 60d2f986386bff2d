// The playground's page: its tabs, and what they share: digits, an agent, and a worker that looks.

import { parseIdxImages, parseIdxLabels } from '../../src/datasets/idx.ts'
import type { AgentCard } from '../../src/inference/agent-file.ts'
import { byId } from '../dom.ts'
import { fetchBytes } from './bytes.ts'
import { Colleague } from './colleague.ts'
import { Look } from './look.ts'
import { keepForOffline } from './offline.ts'
import { Search } from './search.ts'
import { startTabs } from './tabs.ts'
import { startTraining } from './train.ts'
import type { Digits } from './wire.ts'
import { plural } from './words.ts'

/** A file that lies beside the page. */
const beside = (name: string): Promise<Uint8Array> => fetchBytes(new URL(name, document.baseURI))

const loading = byId('loading', HTMLElement)

function fail(why: string): void {
  loading.hidden = true
  const failure = byId('failure', HTMLElement)
  failure.hidden = false
  failure.textContent = `This page cannot show its agent: ${why}`
}

function describe({ epoch, test }: AgentCard): void {
  const error = test === undefined ? '' : `; errs on ${test.greedy.toFixed(2)} % of the test images`
  byId('card', HTMLElement).textContent = `Agent after ${plural(epoch, 'epoch')}${error}`
}

/**
 * A worker with an agent; it starts while the agent's file is on its way.
 * @throws Error where it does not start, or the file is no agent that looks at digits.
 */
async function hire(
  file: Uint8Array | Promise<Uint8Array>,
  digits: Digits,
): Promise<{ colleague: Colleague; card: AgentCard }> {
  const colleague = new Colleague((news) => 'failure' in news && fail(news.failure))
  return { colleague, card: await colleague.call('load', { file: await file, digits }) }
}

async function startLook(name: string, digits: Digits): Promise<Look> {
  const { colleague, card } = await hire(beside(name), digits)
  describe(card)
  const look = new Look(colleague, card, digits)
  await look.look()
  return look
}

async function startSearch(name: string, digits: Digits): Promise<void> {
  const { colleague, card } = await hire(beside(name), digits)
  await new Search(colleague, card, digits).look()
}

/** Each tab fetches what it needs when it is first shown. */
async function begin(): Promise<void> {
  const [images, labels, list] = await Promise.all(['digits.idx3', 'labels.idx1', 'agents.json'].map(beside))
  const digits: Digits = {
    images: parseIdxImages(images!, 'digits.idx3').images,
    labels: parseIdxLabels(labels!, 'labels.idx1'),
  }
  const agents = JSON.parse(new TextDecoder().decode(list)) as { look: string; search?: string }
  const looking = once(() => startLook(agents.look, digits))
  const hunting = once(() => startSearch(agents.search!, digits))
  startTraining({
    async tryAgent(trained) {
      const [next, look] = await Promise.all([hire(trained, digits), looking()])
      describe(next.card)
      location.hash = 'look'
      look.take(next.colleague, next.card)
    },
  })
  byId('tab-search', HTMLElement).hidden = agents.search === undefined
  const starts: Readonly<Record<string, () => Promise<unknown>>> = { look: looking, search: hunting }
  const keeping = once(keepForOffline)
  let shown = ''
  startTabs((name) => {
    shown = name
    document.body.dataset.tab = name
    loading.hidden = starts[name] === undefined
    const ready = (): void => {
      if (shown === name) loading.hidden = true
      void keeping()
    }
    void (starts[name]?.() ?? Promise.resolve()).then(ready, (error: Error) => fail(error.message))
  })
}

/** The same promise however often it is asked for. */
function once<Value>(work: () => Promise<Value>): () => Promise<Value> {
  let promise: Promise<Value> | undefined
  return () => {
    promise ??= work()
    return promise
  }
}

await begin().catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)))
