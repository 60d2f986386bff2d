// How different two colours look, also to people who are colour-blind: the figures that the palette is held to.
// Simulation: Machado, Oliveira and Fernandes 2009, severity 1. Difference: CIEDE2000. Contrast: WCAG 2.

type Triple = readonly [number, number, number]

const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1] as const

/** Matrices on linear RGB, row by row. */
export const visions = {
  usual: identity,
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
} as const

export type Vision = keyof typeof visions

/** `#rrggbb` as linear RGB in [0, 1]. */
export function linear(hex: string): Triple {
  const value = Number.parseInt(hex.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255].map((byte) => {
    const share = byte / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as unknown as Triple
}

/** What somebody with this vision sees instead. */
export function seen([r, g, b]: Triple, vision: Vision): Triple {
  const m = visions[vision]
  const clamp = (value: number): number => Math.min(1, Math.max(0, value))
  return [0, 3, 6].map((i) => clamp(m[i]! * r + m[i + 1]! * g + m[i + 2]! * b)) as unknown as Triple
}

/** CIE L*a*b* under D65. */
function lab([r, g, b]: Triple): Triple {
  const f = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 / 116) * t + 16 / 116)
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047)
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b)
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

/** CIEDE2000 of two colours in linear RGB; 1 is hardly seen, 10 at a glance. */
export function difference(one: Triple, other: Triple): number {
  return ciede2000(lab(one), lab(other))
}

/** Sharma, Wu and Dalal 2005. */
export function ciede2000([l1, a1, b1]: Triple, [l2, a2, b2]: Triple): number {
  const degrees = (radians: number): number => ((radians * 180) / Math.PI + 360) % 360
  const [sin, cos] = [(d: number) => Math.sin((d * Math.PI) / 180), (d: number) => Math.cos((d * Math.PI) / 180)]
  const mean = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2
  const stretch = 1.5 - 0.5 * Math.sqrt(mean ** 7 / (mean ** 7 + 25 ** 7))
  const [c1, c2] = [Math.hypot(stretch * a1, b1), Math.hypot(stretch * a2, b2)]
  const [h1, h2] = [degrees(Math.atan2(b1, stretch * a1)), degrees(Math.atan2(b2, stretch * a2))]
  const grey = c1 * c2 === 0
  const turn = grey ? 0 : ((h2 - h1 + 540) % 360) - 180
  const [dl, dc, dh] = [l2 - l1, c2 - c1, 2 * Math.sqrt(c1 * c2) * sin(turn / 2)]
  const [l, c] = [(l1 + l2) / 2, (c1 + c2) / 2]
  const h = grey ? h1 + h2 : Math.abs(h1 - h2) <= 180 ? (h1 + h2) / 2 : ((h1 + h2 + 360) / 2) % 360
  const t = 1 - 0.17 * cos(h - 30) + 0.24 * cos(2 * h) + 0.32 * cos(3 * h + 6) - 0.2 * cos(4 * h - 63)
  const sl = 1 + (0.015 * (l - 50) ** 2) / Math.sqrt(20 + (l - 50) ** 2)
  const [sc, sh] = [1 + 0.045 * c, 1 + 0.015 * c * t]
  const rotation = -2 * Math.sqrt(c ** 7 / (c ** 7 + 25 ** 7)) * sin(60 * Math.exp(-(((h - 275) / 25) ** 2)))
  return Math.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + rotation * (dc / sc) * (dh / sh))
}

/** WCAG 2 contrast of two `#rrggbb`, 1 to 21. */
export function contrast(one: string, other: string): number {
  const luminance = (hex: string): number => {
    const [r, g, b] = linear(hex)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high! + 0.05) / (low! + 0.05)
}

/** The smallest difference between any two of these `#rrggbb`, as seen with this vision. */
export function nearest(colours: readonly string[], vision: Vision): number {
  const all = colours.map((hex) => seen(linear(hex), vision))
  return Math.min(...all.flatMap((one, i) => all.slice(i + 1).map((other) => difference(one, other))))
}
