// One look for every picture: ink on paper, one colour per meaning. Colours are told apart by people who are colour-blind
// (Okabe and Ito 2008, deepened where they must carry text or thin lines on white). Those of lines are in palette.ts.

export const paper = '#ffffff'
export const ink = '#1f2733'
/** Words of the second rank. */
export const faded = '#6b7482'
/** Frames, grid lines, the empty part of a bar. */
export const rule = '#e3e6ea'
/** Of an image, what has not been looked at. */
export const unseen = '#d9dde3'

/** The colours of a chart that are no line's. */
export const inks = { ink, faded, rule, paper } as const

/** Where the eye is: its window at each scale, the finest first. */
export const windowColours = ['#ff6a3d', '#ffa05c', '#ffc389', '#ffdcb8'] as const
/** The way that the eye has gone. */
export const pathColour = '#37b6ff'
/** What the agent thinks most likely, before anyone has said whether it is. */
export const belief = '#2f6fb5'
export const beliefFaint = '#b9cbe0'
export const right = '#0b8f6a'
export const wrong = '#cf3f2f'

/** Shipped with the package, so that words look alike on every machine; browsers that lack it take their own. */
export const fontFamily = 'Inter, system-ui, sans-serif'

export const colourOf = <T>(colours: readonly T[], i: number): T => colours[Math.min(i, colours.length - 1)]!
