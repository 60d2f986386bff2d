// What an agent file says of its agent: options and origin. Types only: the page reads it, the command `demo` writes it.

import type { RamOptions } from '../../src/agent/ram.ts'
import type { ClassificationOptions } from '../../src/env/worlds/image-scenes.ts'

/** What an agent file says of itself, under `agent` in its metadata. */
export type AgentCard = {
  readonly environment: ClassificationOptions & { readonly id: string }
  readonly agent: RamOptions
  /** Pixels along one side of the scenes it was trained on. */
  readonly side: number
  /** How many pieces of clutter there were, and their side in pixels. */
  readonly clutter: number
  readonly pieceSide: number
  readonly epoch: number
  /** Percent, greedy, on the test images, where the run got so far. */
  readonly testError?: number
}
