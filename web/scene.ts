// Drawing what an agent looks at: the scene, the windows of its eye, and the path between them. Used by both pages.

/** A scene in bytes. */
export type Scene = {
  /** uint8 [height, width, channels]. */
  readonly pixels: Uint8Array
  readonly width: number
  readonly height: number
  /** 1 for grey, drawn in the page's ink; 3 for RGB. */
  readonly channels: number
}

/** (x, y) in [-1, 1]; (-1, -1) is the top-left corner. */
export type Spot = readonly [number, number]

/** Colours, as the page's style sheet has them now. */
export type Palette = {
  readonly paper: string
  /** Over what has not been seen. */
  readonly fog: string
  readonly ink: string
  readonly accent: string
  readonly muted: string
}

/** The colours of the current scheme. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string): string => style.getPropertyValue(name).trim()
  return {
    paper: colour('--scene-paper'),
    fog: colour('--scene-fog'),
    ink: colour('--scene-ink'),
    accent: colour('--accent'),
    muted: colour('--muted'),
  }
}

/** A scene as a picture to draw with, a pixel a pixel: black is the paper, white is the ink. */
export function pictureOf({ pixels, width, height, channels }: Scene, { paper, ink }: Palette): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const context = canvas.getContext('2d')!
  const image = context.createImageData(width, height)
  const [from, to] = [rgbOf(paper), rgbOf(ink)]
  for (let i = 0; i < width * height; i++) {
    for (let k = 0; k < 3; k++) {
      const grey = pixels[i * channels]! / 255
      image.data[4 * i + k] = channels === 3 ? pixels[3 * i + k]! : from[k]! + grey * (to[k]! - from[k]!)
    }
    image.data[4 * i + 3] = 255
  }
  context.putImageData(image, 0, 0)
  return canvas
}

/** Where a coordinate in [-1, 1] lies on a drawing of this size. */
export const across = (coordinate: number, size: number): number => ((coordinate + 1) / 2) * size

/** A square window of `window` pixels about a spot of a scene, on a drawing of the given size: x, y, width, height. */
export function frameOf(
  [x, y]: Spot,
  window: number,
  { width, height }: Pick<Scene, 'width' | 'height'>,
  drawn: { readonly width: number; readonly height: number },
): readonly [number, number, number, number] {
  const [w, h] = [(window / width) * drawn.width, (window / height) * drawn.height]
  return [across(x, drawn.width) - w / 2, across(y, drawn.height) - h / 2, w, h]
}

/** The way of the eye: a line through all spots, a dot on each, the last one in the accent colour. */
export function drawPath(
  context: CanvasRenderingContext2D,
  spots: readonly Spot[],
  drawn: { readonly width: number; readonly height: number },
  palette: Palette,
  numbered: boolean,
): void {
  const points = spots.map(([x, y]) => [across(x, drawn.width), across(y, drawn.height)] as const)
  context.save()
  context.lineJoin = 'round'
  context.lineWidth = 2
  context.strokeStyle = palette.accent
  context.globalAlpha = 0.75
  context.beginPath()
  for (const [x, y] of points) context.lineTo(x, y)
  context.stroke()
  context.globalAlpha = 1
  const radius = numbered ? 9 : 3
  for (const [i, [x, y]] of points.entries()) {
    const last = i === points.length - 1
    context.beginPath()
    context.arc(x, y, radius, 0, 2 * Math.PI)
    context.fillStyle = last ? palette.accent : palette.paper
    context.fill()
    context.lineWidth = 1.5
    context.stroke()
    if (!numbered) continue
    context.fillStyle = last ? palette.paper : palette.accent
    context.font = '600 11px ui-sans-serif, system-ui, sans-serif'
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    context.fillText(String(i + 1), x, y + 0.5)
  }
  context.restore()
}

/** Colours seen before. */
const known = new Map<string, readonly [number, number, number]>()

/** A colour in any notation as three numbers: a canvas gives it back as `#rrggbb`. */
function rgbOf(colour: string): readonly [number, number, number] {
  const before = known.get(colour)
  if (before) return before
  const context = document.createElement('canvas').getContext('2d')!
  context.fillStyle = colour
  const value = Number.parseInt(String(context.fillStyle).slice(1, 7), 16)
  const rgb = [value >> 16, (value >> 8) & 255, value & 255] as const
  known.set(colour, rgb)
  return rgb
}
