// The playground's page: its tabs, and what they share: digits, an agent, and a worker that looks.

import { parseIdxImages, parseIdxLabels } from '../../src/datasets/idx.ts'
import type { AgentCard } from '../../src/inference/agent-file.ts'
import { byId, element } from '../dom.ts'
import { fetchBytes } from './bytes.ts'
import { Look } from './look.ts'
import type { Digits } from './looker.ts'
import { startTabs } from './tabs.ts'
import { startTraining } from './train.ts'
import { type Backend, backends, Colleague } from './wire.ts'
import { plural } from './words.ts'

const backendChoice = byId('backend', HTMLSelectElement)

const say = (id: string, text: string): void => {
  byId(id, HTMLElement).textContent = text
}

/** The file of the agent that looks; that which comes along, or one that was trained here. */
let file: Uint8Array
let digits: Digits

/** A worker with an agent, on this backend or the next that starts; says which. */
async function hire(backend: Backend): Promise<{ colleague: Colleague; card: AgentCard }> {
  const colleague = new Colleague(({ ...news }) => 'failure' in news && fail(news.failure))
  const started = await colleague.call('prepare', { backend })
  backendChoice.value = started.backend
  return { colleague, card: await colleague.call('load', { file, digits }) }
}

function describe({ epoch, test }: AgentCard): void {
  const error = test === undefined ? '' : `; errs on ${test.greedy.toFixed(2)} % of the test images`
  say('card', `Agent after ${plural(epoch, 'epoch')}${error}`)
}

function fail(why: string): void {
  byId('loading', HTMLElement).hidden = true
  const failure = byId('failure', HTMLElement)
  failure.hidden = false
  failure.textContent = `This page cannot show its agent: ${why}`
}

async function begin(): Promise<void> {
  const wanted = backends.find((name) => name === new URLSearchParams(location.search).get('backend')) ?? backends[0]
  backendChoice.append(
    ...backends.map((value) => element('option', { value }, { wasm: 'WebAssembly', cpu: 'JavaScript' }[value])),
  )
  const names = ['agent.safetensors', 'digits.idx3', 'labels.idx1']
  const [agent, images, labels] = await Promise.all(names.map((name) => fetchBytes(new URL(name, document.baseURI))))
  file = agent!
  digits = {
    images: parseIdxImages(images!, 'digits.idx3').images,
    labels: parseIdxLabels(labels!, 'labels.idx1'),
  }
  const first = await hire(wanted)
  describe(first.card)
  const look = new Look(first.colleague, first.card, digits)
  const change = async (): Promise<void> => {
    const next = await hire(backendChoice.value as Backend)
    describe(next.card)
    look.take(next.colleague, next.card)
  }
  backendChoice.addEventListener('change', () => void change())
  byId('loading', HTMLElement).hidden = true
  startTraining({
    async tryAgent(trained) {
      file = trained
      await change()
      location.hash = 'look'
    },
  })
  startTabs((name) => {
    document.body.dataset.tab = name
  })
  await look.look()
}

await begin().catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)))
