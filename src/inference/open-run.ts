// A trained agent from disk, opened to be played again.

import { selectEngine } from '../engine/select.ts'
import type { Split } from '../env/registry.ts'
import type { CheckpointKind } from '../runs/checkpoint.ts'
import type { RunConfig } from '../runs/config.ts'
import { openTrained } from './load.ts'
import { Player } from './replay.ts'

/** A player and what it plays. */
export type OpenedRun = {
  readonly player: Player
  readonly config: RunConfig
  /** Completed epochs of the parameters that play. */
  readonly epoch: number
  /** The engine's name. */
  readonly engine: string
  dispose(): void
}

/**
 * Get ready to play with the parameters of a run (their moving average, where there is one), of an agent file or of an
 * agent of the zoo.
 * @throws UserError where there is none, or it is corrupt, of another version or of another architecture.
 */
export async function openRun(
  given: string,
  options: { checkpoint?: CheckpointKind; split?: Split; engine?: string } = {},
): Promise<OpenedRun> {
  const { config, parameters, epoch } = await openTrained(given, options)
  const opened = await openPlayer(config, options.engine ?? 'auto', options.split)
  opened.player.load(parameters)
  return { ...opened, config, epoch }
}

/** A player on an engine of its own, chosen by name; it plays once it has parameters. */
export async function openPlayer(
  config: RunConfig,
  engineName: string,
  split?: Split,
): Promise<Pick<OpenedRun, 'player' | 'engine' | 'dispose'>> {
  const { engine } = await selectEngine(engineName)
  const player = new Player(config, engine, split)
  const dispose = (): void => {
    player.dispose()
    engine.dispose()
  }
  return { player, engine: engine.name, dispose }
}
