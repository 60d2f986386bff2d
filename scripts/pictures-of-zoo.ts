// The films of the README and the documents: how agents of the zoo look at test items.

import { openRun } from '../src/inference/open-run.ts'
import { film } from '../src/report/film.ts'
import { encodeGif } from '../src/report/gif.ts'
import { reelOfItems } from '../src/report/pictures.ts'

/** An agent of the zoo looking at these test items, by mean locations, as a GIF. */
export async function drawFilm(name: string, items: readonly number[], scale = 1): Promise<Uint8Array> {
  const opened = await openRun(`zoo:${name}`, { checkpoint: 'best', engine: 'auto' })
  try {
    return encodeGif(film(await reelOfItems(opened, { items, greedy: true })), scale)
  } finally {
    opened.dispose()
  }
}
