// The playground's page: its tabs, and what they share: digits, an agent, and a worker that looks.

import { parseIdxImages, parseIdxLabels } from '../../src/datasets/idx.ts'
import type { AgentCard } from '../../src/inference/agent-file.ts'
import { byId } from '../dom.ts'
import { fetchBytes } from './bytes.ts'
import { Colleague } from './colleague.ts'
import { Look } from './look.ts'
import { startTabs } from './tabs.ts'
import { startTraining } from './train.ts'
import type { Digits } from './wire.ts'
import { plural } from './words.ts'

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

async function begin(): Promise<void> {
  const names = ['agent.safetensors', 'digits.idx3', 'labels.idx1']
  const [agent, images, labels] = await Promise.all(names.map((name) => fetchBytes(new URL(name, document.baseURI))))
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
  startTabs((name) => {
    document.body.dataset.tab = name
  })
  await look.look()
}

await begin().catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)))
