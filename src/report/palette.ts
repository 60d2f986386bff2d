// One colour per line of a chart. The eight were searched for: any two of them differ by at least 16 (CIEDE2000) as people
// with deuteranopia or protanopia see them, by 26 for everyone else, and each stands out from the paper by 3 to 1.

/** On white. */
export const onLight = [
  ...['#2291f8', '#65201f', '#6ea03e', '#9b18a7'],
  ...['#7e5d07', '#396f64', '#a7829d', '#0a3149'],
] as const

/** On nearly black. */
export const onDark = [
  ...['#70fccc', '#b0486e', '#eae637', '#2b62ef'],
  ...['#bb9679', '#51811a', '#ecd3fc', '#2ca1ab'],
] as const

/** The colour of line `i` on white: one of the eight, then further ones, each another, that are told apart less easily. */
export const lineColour = (i: number): string => onLight[i] ?? furtherColour(i - onLight.length)

/** Hues a golden angle apart, lighter and darker in turn; no two of the first thousand are equal. */
function furtherColour(i: number): string {
  const [hue, lightness] = [(200 + 137.508 * i) % 360, [42, 62, 30, 52][i % 4]!]
  const channel = (n: number): string => {
    const k = (n + hue / 30) % 12
    const value = lightness - 0.6 * Math.min(lightness, 100 - lightness) * Math.max(-1, Math.min(k - 3, 9 - k, 1))
    return Math.round(2.55 * value)
      .toString(16)
      .padStart(2, '0')
  }
  return `#${channel(0)}${channel(8)}${channel(4)}`
}
