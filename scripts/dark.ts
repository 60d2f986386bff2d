// A picture for dark pages: the same drawing with the colours of the theme and of lines exchanged.

import { lineColour, onDark, onLight } from '../src/report/palette.ts'
import { belief, beliefFaint, faded, ink, paper, right, rule, unseen, wrong } from '../src/report/theme.ts'

/** Colours on light paper, and on dark. */
export const darkColours: ReadonlyMap<string, string> = new Map([
  ...onLight.map((colour, i): [string, string] => [colour, onDark[i]!]),
  // nine prices are compared in stop-curve.svg
  [lineColour(onLight.length), '#ff9a52'],
  [paper, '#14171c'],
  [ink, '#e6e9ee'],
  [faded, '#98a2b0'],
  [rule, '#2e343d'],
  [unseen, '#343b46'],
  [belief, '#6fa8ea'],
  [beliefFaint, '#3b5473'],
  [right, '#35c99a'],
  [wrong, '#ff7d69'],
])

/** An SVG of ours on dark paper. */
export const darkened = (svg: string): string =>
  svg.replace(/"(#[0-9a-f]{6})"/g, (whole, colour: string) => {
    const dark = darkColours.get(colour)
    return dark === undefined ? whole : `"${dark}"`
  })
