// A trained agent that looks at pixels. One small run is trained for all of these.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { evaluateCommand } from '../../scripts/commands/evaluate.ts'
import { exportCommand } from '../../scripts/commands/export.ts'
import { type Builder, run } from '../../scripts/commands/run.ts'
import { Rng } from '../../src/core/rng.ts'
import { selectEngine } from '../../src/engine/select.ts'
import type { Environment } from '../../src/env/environment.ts'
import { make } from '../../src/env/registry.ts'
import { cardOf } from '../../src/inference/agent-card.ts'
import { type AgentCard, decodeAgentFile, encodeAgentFile } from '../../src/inference/agent-file.ts'
import { agentFileOf, loadAgent, openTrained, readAgent } from '../../src/inference/load.ts'
import { type Image, type Look, TrainedAgent } from '../../src/inference/trained-agent.ts'
import { completeConfig, type PartialConfig } from '../../src/runs/config.ts'
import { RunDirectory } from '../../src/runs/run-directory.ts'
import { decodeSafetensors, encodeSafetensors } from '../../src/runs/safetensors.ts'
import { evaluationItems } from '../../src/training/evaluation.ts'
import { createPlan, firstVectors } from '../../src/training/plan.ts'
import { newDirectory, smallConfig, trainOnce } from '../training/help.ts'

const directory = newDirectory()
const config = smallConfig({ training: { epochs: 2, epochItems: 4096, batchSize: 32, learningRate: 0.003 } })
const { summary } = await trainOnce(config, RunDirectory.create(config, directory))
const agent = await loadAgent(directory, { engine: 'wasm' })

/** The test split as an evaluation shows it. */
function testWorld(items: ArrayLike<number>): { world: Environment; locations: Float32Array; target: Int32Array } {
  const { id, ...options } = config.environment
  const world = make(id, { ...options, split: 'test' })
  const { observation, info } = world.reset({ seed: Rng.of(0, 'evaluate', 'test').next(), items })
  return { world, locations: observation.location, target: info.target as Int32Array }
}

const digits: Image[] = [0, 1, 2].map((b) => testWorld([0, 1, 2]).world.render!(b))

/** The figures of looks, near enough whichever batch they were computed in. */
function assertSame(found: Look, expected: Look): void {
  assert.is(found.path.length, expected.path.length)
  for (const [t, step] of found.path.entries()) {
    const other = expected.path[t]!
    for (const name of ['location', 'next', 'glimpse', 'probabilities'] as const) assertClose(step[name], other[name])
    assertClose([step.value], [other.value])
  }
  assert.is(found.prediction, expected.prediction)
  assert.is(found.name, expected.name)
}

function assertClose(found: ArrayLike<number>, expected: ArrayLike<number>): void {
  assert.is(found.length, expected.length)
  for (let i = 0; i < found.length; i++)
    assert.ok(Math.abs(found[i]! - expected[i]!) < 1e-5, `${i}: ${found[i]}, ${expected[i]}`)
}

/** @returns the message of a UserError */
async function refusal(attempt: () => unknown): Promise<string> {
  try {
    await attempt()
  } catch (error) {
    assert.is((error as Error).name, 'UserError', (error as Error).stack)
    return (error as Error).message
  }
  throw new Error('nothing was refused')
}

/** An agent that was never trained, its parameters changed by name. */
async function freshAgent(
  given: PartialConfig,
  change: { values?: Readonly<Record<string, readonly number[]>>; card?: (card: AgentCard) => AgentCard } = {},
): Promise<TrainedAgent> {
  const { engine } = await selectEngine('cpu')
  const config = smallConfig(given)
  const plan = createPlan(config)
  const parameters = firstVectors(config, plan).parameters!
  let offset = 0
  for (const { name, shape } of plan.agent.layout) {
    parameters.set(change.values?.[name] ?? [], offset)
    offset += shape.reduce((size, side) => size * side, 1)
  }
  const card = cardOf(config, plan, { epoch: 0, progress: 0 })
  return new TrainedAgent({ card: change.card?.(card) ?? card, layout: plan.agent.layout, parameters }, engine)
}

test('an image is looked at from the first glimpse to the last, and named', async () => {
  const look = await agent.look(digits[0]!)
  assert.is(look.path.length, 3)
  assert.equal(look.path[0]!.location, [0, 0])
  assert.is(look.path[0]!.glimpse.length, 64)
  assert.equal(look.path[1]!.location, look.path[0]!.next)
  assert.is(look.probabilities.length, 10)
  assert.ok(Math.abs(look.probabilities.reduce((sum, p) => sum + p) - 1) < 1e-5)
  assert.is(look.probabilities[look.prediction as number], Math.max(...look.probabilities))
  assert.is(look.name, String(look.prediction))
})

test('several at once come to what each comes to alone', async () => {
  const together = await agent.look(digits)
  for (const [b, look] of together.entries()) assertSame(look, await agent.look(digits[b]!))
  assert.equal(await agent.look([]), [])
})

test('an eye that is led step by step sees and says the same', async () => {
  const whole = await agent.look(digits)
  const eye = agent.eye({}, digits.length)
  for (let t = 0; t < 3; t++)
    for (const [b, step] of (await eye.look(digits)).entries()) {
      const { stop, ...rest } = step
      assert.is(stop, false)
      assertClose(rest.probabilities, whole[b]!.path[t]!.probabilities)
      assertClose(rest.location, whole[b]!.path[t]!.location)
    }
})

test('bytes and real numbers in [0, 1] are the same image', async () => {
  const { pixels, ...size } = digits[0]!
  assertSame(
    await agent.look({ ...size, pixels: Float32Array.from(pixels, (byte) => byte / 255) }),
    await agent.look(digits[0]!),
  )
})

test('the first glimpse is where it is asked for, or at random, the same for the same seed', async () => {
  assert.equal((await agent.look(digits[0]!, { start: [0.5, -0.25] })).path[0]!.location, [0.5, -0.25])
  const first = async (seed: number) =>
    (await agent.look(digits, { start: 'random', seed })).map(({ path }) => path[0]!.location)
  const [one, again, other] = [await first(1), await first(1), await first(2)]
  assert.equal(one, again)
  assert.not.equal(one, other)
  assert.is(new Set(one.map(String)).size, 3, 'each image has its own')
  for (const place of one.flat()) assert.ok(Math.abs(place) <= 1)
})

test('more or fewer glimpses than in training are taken where that is asked for', async () => {
  assert.is((await agent.look(digits[0]!, { glimpses: 1 })).path.length, 1)
  assert.is((await agent.look(digits[0]!, { glimpses: 5 })).path.length, 5)
})

test('what does not fit is refused in words', async () => {
  const pixels = new Uint8Array(784)
  const size = { height: 28, width: 28 }
  assert.is(
    await refusal(() => agent.look({ ...size, pixels: new Uint8Array(700) })),
    'look: 700 numbers given for an image of 28x28 with 1 channels; this agent takes 1 (784 numbers)',
  )
  assert.match(await refusal(() => agent.look({ ...size, channels: 3, pixels: new Uint8Array(2352) })), /takes 1 \(784/)
  assert.match(await refusal(() => agent.look({ ...size, pixels }, { glimpses: 0 })), /glimpses 0 given; a positive/)
  assert.match(await refusal(() => agent.eye({}, 2).look([{ ...size, pixels }])), /1 images for an eye that looks at 2/)
})

test("a run's agent makes the mistakes that its training counted at the end", async () => {
  const items = evaluationItems(10_000, 'test', 200)
  const { world, locations, target } = testWorld(items)
  let wrong = 0
  for (let b = 0; b < items.length; b++) {
    const start = [locations[2 * b]!, locations[2 * b + 1]!] as const
    const { prediction } = await agent.look(world.render!(b), { start })
    if (prediction !== target[b]) wrong++
  }
  assert.is((100 * wrong) / items.length, summary!.testError.greedy)
  assert.ok(wrong > 10 && wrong < 160, `${wrong} of 200: a figure that says something`)
})

test('an agent file holds what the run holds, and says what it is', async () => {
  const file = await readAgent(directory)
  const read = decodeAgentFile(await agentFileOf(directory), 'agent')
  assert.equal([read.card, read.layout], [file.card, file.layout])
  assert.ok(read.parameters.every((value, i) => value === file.parameters[i]))
  const { card } = read
  assert.equal([card.environment.id, card.agent.name, card.algorithm.name], ['MNIST-v1', 'ram', 'reinforce'])
  assert.equal(card.training, { progress: 1, rollouts: 1 })
  assert.equal(card.test, { measure: 'error', greedy: summary!.testError.greedy })
  assert.equal(card.names.prediction, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
})

test('an agent that learned its spread is written and read as such, and looks where its mean is', async () => {
  const { engine } = await selectEngine('cpu')
  const learning = smallConfig({ algorithm: { spread: 'learned' } })
  const plan = createPlan(learning)
  const parameters = firstVectors(learning, plan).parameters!
  const card = cardOf(learning, plan, { epoch: 0, progress: 0 })
  const file = decodeAgentFile(encodeAgentFile({ card, layout: plan.agent.layout, parameters }), 'agent')
  const [location] = file.card.world.heads
  assert.equal([location!.name, location!.kind], ['location', 'scaled-gaussian'])

  const look = await new TrainedAgent(file, engine).look(digits[0]!)
  const scheduled = await (await freshAgent({})).look(digits[0]!)
  assertSame(look, scheduled) // whose other parameters start alike
})

test('what is no agent file, or one of another version or agent, is refused in words', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'saccade-')), 'agent.safetensors')
  const refused = async (bytes: Uint8Array | string): Promise<string> => {
    writeFileSync(path, bytes)
    return refusal(() => loadAgent(path, { engine: 'cpu' }))
  }
  const bytes = await agentFileOf(directory)
  const { tensors, metadata } = decodeSafetensors(bytes, 'agent')
  const withCard = (change: object): Uint8Array =>
    encodeSafetensors({
      tensors,
      metadata: { saccade: JSON.stringify({ ...JSON.parse(metadata.saccade!), ...change }) },
    })
  assert.match(await refused('no agent at all'), /not a valid safetensors file/)
  assert.match(await refused(bytes.subarray(0, 5000)), /truncated/)
  assert.match(await refused(encodeSafetensors({ tensors, metadata: {} })), /no agent of ours/)
  assert.match(await refused(withCard({ format: 2 })), /agent format 2, this version reads 1/)
  assert.match(await refused(withCard({ epoch: -1 })), /card: epoch/)
  assert.match(await refused(withCard({ agent: { name: 'ramm' } })), /unknown agent "ramm"; did you mean "ram"/)
  assert.match(await refused(withCard({ agent: { name: 'ram' } })), /tensors are not those of this architecture/)
  assert.match(await refusal(() => loadAgent(join(path, 'nothing'))), /there is no such run or file/)
})

test('export --agent writes a file that looks as the run does, and that evaluate gives the same figures of', async () => {
  const call = async (command: Builder, ...args: string[]): Promise<string> => {
    const written: string[] = []
    const out = { write: (text: string) => written.push(text) }
    assert.is(await run(command, args, { out, error: out }), 0, written.join(''))
    return written.join('')
  }
  const path = join(mkdtempSync(join(tmpdir(), 'saccade-')), 'mine.safetensors')
  assert.match(
    await call(exportCommand, directory, '--agent', '--out', path),
    /mine\.safetensors: [\d,]+ bytes, parameters of epoch 2\n/,
  )
  assert.equal(readFileSync(path), Buffer.from(await agentFileOf(directory)))
  const loaded = await loadAgent(path, { engine: 'wasm' })
  assertSame(await loaded.look(digits[1]!), await agent.look(digits[1]!))
  await loaded.dispose()
  const figures = async (path: string): Promise<unknown> => {
    const options = ['--split', 'validation', '--engine', 'wasm', '--workers', '1', '--json']
    const { errors, measure, items, epoch, rollouts } = JSON.parse(await call(evaluateCommand, path, ...options))
    return { errors, measure, items, epoch, rollouts }
  }
  assert.equal(await figures(path), await figures(directory))
})

test('an agent that may stop ends its look where it would have ended the episode', async () => {
  const stopping = { environment: { stop: true } }
  const soon = await freshAgent(stopping, { values: { 'stop.bias': [0, 9] } })
  assert.is((await soon.look(digits[0]!)).path.length, 1)
  const never = await freshAgent(stopping, { values: { 'stop.bias': [9, 0] } })
  assert.is((await never.look(digits[0]!)).path.length, 3)
})

test('an eye that moves goes on from where it is', async () => {
  const move = (card: AgentCard): AgentCard => ({ ...card, eye: { ...card.eye, locationAction: 'move' } })
  const [places, moves] = [await freshAgent({}), await freshAgent({}, { card: move })]
  const start = [0.25, -0.5] as const
  const { next } = (await places.look(digits[0]!, { start })).path[0]!
  const { path } = await moves.look(digits[0]!, { start })
  assertClose(
    path[1]!.location,
    next.map((place, i) => Math.min(1, Math.max(-1, place + start[i]!))),
  )
})

test('an agent that needs more than an image is refused, and one whose algorithm chose where to look', async () => {
  const config = completeConfig({ environment: { id: 'Catch' } })
  const plan = createPlan(config)
  const file = {
    card: cardOf(config, plan, { epoch: 0, progress: 0 }),
    layout: plan.agent.layout,
    parameters: firstVectors(config, plan).parameters!,
  }
  assert.is(
    decodeAgentFile(encodeAgentFile(file), 'agent').card.world.heads[1]!.name,
    'move',
    'it is a file all the same',
  )
  const { engine } = await selectEngine('cpu')
  assert.match(await refusal(() => new TrainedAgent(file, engine)), /plays Catch-v1, where there is more .*\(move\)/)
  const random = smallConfig({ algorithm: { name: 'random' } })
  const message = await refusal(() => cardOf(random, createPlan(random), { epoch: 0, progress: 0 }))
  assert.match(message, /algorithm random chooses locations by itself/)
})

test('once it is disposed it says so, and disposing it again does nothing', async () => {
  const other = await loadAgent(directory, { engine: 'wasm' })
  const looking = other.look(digits[0]!)
  await other.dispose()
  await looking.catch(() => {}) // what was under way may end either way, but it ends
  assert.is(await refusal(() => other.look(digits[0]!)), 'this agent was disposed; load it again')
  await other.dispose()
})

test.after(() => agent.dispose())

test('the first glimpses go where one says, and the agent goes on by itself from the last of them', async () => {
  const [digit] = digits
  const free = await agent.look(digit!, { start: [0.5, -0.5] })
  const places = free.path.slice(0, 2).map(({ location }) => location)
  assertSame(await agent.look(digit!, { locations: places }), free)
  const taken = await agent.look(digit!, { locations: [places[0]!, [-0.9, 0.25]] })
  assertClose(taken.path[1]!.location, [-0.9, 0.25])
  assertClose(taken.path[2]!.location, taken.path[1]!.next)
  assert.is(taken.path.length, free.path.length)
  // beyond the border is on it
  assertClose((await agent.look(digit!, { locations: [[3, -3]] })).path[0]!.location, [1, -1])
})

test('other images than its own are for an agent file, not for a run', async () => {
  assert.match(await refusal(() => openTrained(directory, { data: 'somewhere' })), /data somewhere: for an agent file/)
})

test.run()
