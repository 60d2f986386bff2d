// The films of the README and the documents: how agents of the zoo look at test items.

import { openRun } from '../src/inference/open-run.ts'
import { film } from '../src/report/film.ts'
import { encodeGif } from '../src/report/gif.ts'
import { reelOfItems } from '../src/report/pictures.ts'
import { darkened } from './dark.ts'

/** An agent of the zoo looking at these test items, by mean locations, as a GIF. */
export async function drawFilm(name: string, items: readonly number[], dark: boolean): Promise<Uint8Array> {
  const opened = await openRun(`zoo:${name}`, { checkpoint: 'best', engine: 'auto' })
  try {
    const frames = film(await reelOfItems(opened, { items, greedy: true }))
    return encodeGif(dark ? frames.map(({ svg, ...rest }) => ({ svg: darkened(svg), ...rest })) : frames)
  } finally {
    opened.dispose()
  }
}
