// How the best parameters look at a few validation images, drawn while the training goes on: on an engine of its own, one
// picture at a time, the newest parameters first.

import { openPlayer } from '../inference/open-run.ts'
import type { Player } from '../inference/replay.ts'
import { loadCheckpoint } from '../runs/checkpoint.ts'
import type { RunConfig } from '../runs/config.ts'

/** Which validation items are looked at. */
const items = [0, 1, 2, 3]

export class GazePictures {
  private readonly directory: string
  private readonly config: RunConfig
  private readonly engineName: string
  private opened: Promise<{ player: Player; dispose(): void }> | undefined
  private drawing: Promise<void> | undefined
  /** Whether there are newer parameters than those that are being drawn. */
  private waiting = false
  private failed = false

  /** Of the run in a directory; the engine is that of the training. */
  constructor(directory: string, config: RunConfig, engineName: string) {
    this.directory = directory
    this.config = config
    this.engineName = engineName
  }

  /** Draw the best checkpoint soon: `drawn` receives its epoch and a PNG. What cannot be drawn is said once. */
  draw(drawn: (epoch: number, png: Uint8Array) => void, failed: (why: string) => void): void {
    this.waiting = true
    if (this.failed) return
    this.drawing ??= this.drawAll(drawn)
      .catch((error: unknown) => {
        this.failed = true
        failed(error instanceof Error ? error.message : String(error))
      })
      .finally(() => {
        this.drawing = undefined
      })
  }

  /** Wait for what is being drawn, and let go of the engine. */
  async close(): Promise<void> {
    await this.drawing
    const opened = await this.opened?.catch(() => undefined)
    opened?.dispose()
    this.opened = undefined
  }

  private async drawAll(drawn: (epoch: number, png: Uint8Array) => void): Promise<void> {
    while (this.waiting) {
      this.waiting = false
      this.opened ??= openPlayer(this.config, this.engineName, 'validation')
      const { player } = await this.opened
      const { environment, plan } = player
      if (!environment.render) return
      const { tensors, epoch } = loadCheckpoint(this.directory, 'best', plan.agent.layout)
      player.load(tensors.average ?? tensors.parameters!)
      const [{ reelOf }, { drawGazeCard }, { toPng }] = await Promise.all([
        import('./film.ts'),
        import('./strip.ts'),
        import('./raster.ts'),
      ])
      const title = `${environment.id}, ${this.config.algorithm.name}, after epoch ${epoch}`
      const svg = drawGazeCard(reelOf(environment, await player.play(items), title))
      drawn(epoch, toPng(svg, 2))
    }
  }
}
