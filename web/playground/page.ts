// The playground's page: its tabs, and what they share: digits, an agent, and a worker that looks.

import { parseIdxImages, parseIdxLabels } from '../../src/datasets/idx.ts'
import type { AgentCard } from '../../src/inference/agent-file.ts'
import { byId } from '../dom.ts'
import { fetchBytes } from './bytes.ts'
import { Colleague } from './colleague.ts'
import { Look } from './look.ts'
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

/** A worker with an agent. @throws Error where it does not start, or the file is no agent that looks at digits. */
async function hire(file: Uint8Array, digits: Digits): Promise<{ colleague: Colleague; card: AgentCard }> {
  const colleague = new Colleague((news) => 'failure' in news && fail(news.failure))
  return { colleague, card: await colleague.call('load', { file, digits }) }
}

/** The agent of the search is fetched when its tab is opened. */
async function startSearch(name: string, digits: Digits): Promise<void> {
  const { colleague, card } = await hire(await beside(name), digits)
  await new Search(colleague, card, digits).look()
}

async function begin(): Promise<void> {
  const names = ['agent.safetensors', 'digits.idx3', 'labels.idx1', 'agents.json']
  const [agent, images, labels, agents] = await Promise.all(names.map(beside))
  const digits: Digits = {
    images: parseIdxImages(images!, 'digits.idx3').images,
    labels: parseIdxLabels(labels!, 'labels.idx1'),
  }
  const { colleague, card } = await hire(agent!, digits)
  describe(card)
  const look = new Look(colleague, card, digits)
  loading.hidden = true
  startTraining({
    async tryAgent(trained) {
      const next = await hire(trained, digits)
      describe(next.card)
      location.hash = 'look'
      look.take(next.colleague, next.card)
    },
  })
  const { search } = JSON.parse(new TextDecoder().decode(agents)) as { search?: string }
  byId('tab-search', HTMLElement).hidden = search === undefined
  let hunting = false
  startTabs((name) => {
    document.body.dataset.tab = name
    if (name !== 'search' || hunting) return
    hunting = true
    void startSearch(search!, digits).catch((error: Error) => fail(error.message))
  })
  await look.look()
}

await begin().catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)))
