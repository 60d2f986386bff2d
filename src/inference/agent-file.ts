// A trained agent as one file: its parameters (safetensors) and a card in the file's metadata that says what it is, what it
// sees and decides, and what it was trained in. Bytes in, bytes out: Node and browsers read the same.

import { z } from 'zod'
import { headKindNames } from '../agent/heads.ts'
import type { World } from '../agent/registry.ts'
import { UserError } from '../core/errors.ts'
import { type Layout, lengthOf, tensorsIn } from '../core/tensors.ts'
import { Box, Discrete, MultiDiscrete, type Space } from '../env/spaces.ts'
import { decodeSafetensors, encodeSafetensors } from '../runs/safetensors.ts'

/** The version of what is in a file. A reader refuses any other. */
const format = 1

const shape = z.array(z.int().min(1))
const spaceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('box'), low: z.number(), high: z.number(), shape }),
  z.object({ kind: z.literal('discrete'), n: z.int().min(1) }),
  z.object({ kind: z.literal('multi-discrete'), ns: z.array(z.int().min(1)).min(1) }),
])
const named = z.looseObject({ name: z.string() })

const cardSchema = z.object({
  format: z.int(),
  /** Architecture and its options. */
  agent: named,
  /** What it was trained in, and by what. */
  environment: z.looseObject({ id: z.string() }),
  algorithm: named,
  world: z.object({
    observation: z.record(z.string(), shape),
    heads: z.array(z.object({ name: z.string(), space: spaceSchema, kind: z.enum(headKindNames).optional() })),
    horizon: z.int().min(1),
  }),
  eye: z.object({
    /** How much wider each window is than the one before. */
    scaleFactor: z.number().min(1),
    /** The byte seen outside an image. */
    background: z.int().min(0).max(255),
    locationAction: z.enum(['place', 'move']),
  }),
  /** What the values of discrete spaces are called. */
  names: z.record(z.string(), z.array(z.string())),
  /** Completed epochs. */
  epoch: z.int().min(0),
  /** What an evaluation needs to give the figures of the training: how much of its schedules was done, and rollouts an item. */
  training: z.object({ progress: z.number().min(0).max(1), rollouts: z.int().min(1) }).optional(),
  /** Greedy test figure and what it is, where it was measured. */
  test: z.object({ measure: z.string(), greedy: z.number() }).optional(),
})

/** What an agent file says of its agent. */
export type AgentCard = z.infer<typeof cardSchema>

/** An agent file, read. */
export type AgentFile = {
  readonly card: AgentCard
  readonly layout: Layout
  /** float32 [lengthOf(layout)]. */
  readonly parameters: Float32Array
}

/**
 * The bytes of an agent file.
 * @param options `float16`: half the bytes, each parameter rounded to 11 significant bits
 * @throws RangeError where the parameters do not fill the layout.
 */
export function encodeAgentFile(
  { card, layout, parameters }: Omit<AgentFile, 'card'> & { card: Omit<AgentCard, 'format'> },
  options: { readonly float16?: boolean } = {},
): Uint8Array {
  if (parameters.length !== lengthOf(layout))
    throw new RangeError(`agent file: ${parameters.length} parameters for a layout of ${lengthOf(layout)}`)
  const tensors = tensorsIn(layout, parameters)
  return encodeSafetensors({ tensors, metadata: { saccade: JSON.stringify({ format, ...card }) } }, options)
}

/** Read an agent file; `name` is for messages. @throws UserError where it is none, or of another version. */
export function decodeAgentFile(bytes: Uint8Array, name: string): AgentFile {
  const { tensors, metadata } = decodeSafetensors(bytes, name)
  if (metadata.saccade === undefined)
    throw new UserError(
      `${name}: tensors, but no agent of ours (no metadata "saccade"); give an agent.safetensors or a run`,
    )
  let card: unknown
  try {
    card = JSON.parse(metadata.saccade)
  } catch (error) {
    throw new UserError(`${name}: the agent's card is not JSON (${(error as Error).message})`)
  }
  const version = (card as { format?: unknown } | null)?.format
  if (version !== format)
    throw new UserError(`${name}: agent format ${JSON.stringify(version)}, this version reads ${format}; save it again`)
  const parsed = cardSchema.safeParse(card)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new UserError(`${name}: the agent's card: ${issue?.path.join('.')}: ${issue?.message}`)
  }
  const layout = tensors.map(({ name: tensor, shape }) => ({ name: tensor, shape }))
  const parameters = new Float32Array(lengthOf(layout))
  let offset = 0
  for (const { values } of tensors) {
    parameters.set(values, offset)
    offset += values.length
  }
  return { card: parsed.data, layout, parameters }
}

/** The world of a card, with spaces that are spaces again. */
export function worldOfCard({ world }: AgentCard): World {
  const spaceOf = (space: z.infer<typeof spaceSchema>): Space =>
    space.kind === 'box'
      ? new Box(space.low, space.high, space.shape)
      : space.kind === 'discrete'
        ? new Discrete(space.n)
        : new MultiDiscrete(space.ns)
  return {
    observation: world.observation as unknown as World['observation'],
    heads: world.heads.map(({ name, space, kind }) => ({ name, space: spaceOf(space), ...(kind && { kind }) })),
    horizon: world.horizon,
  }
}
