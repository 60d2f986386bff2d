// Pixels in SVG: as an image element, and as the address of a PNG.

import { encode } from 'fast-png'
import { element } from './svg.ts'

/** Pixels to be shown: uint8 [H, W, C]; C is 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. */
export type Pixels = {
  readonly pixels: Uint8Array
  readonly height: number
  readonly width: number
  readonly channels: number
}

/** Pixels in a box: sharp squares where they are much enlarged, smooth where hardly. */
export function image(picture: Pixels, x: number, y: number, width: number, height = width): string {
  const sharp = Math.min(width / picture.width, height / picture.height) >= 2.5
  return element('image', {
    ...{ x, y, width, height, preserveAspectRatio: 'none' },
    'image-rendering': sharp ? 'optimizeSpeed' : undefined,
    href: dataUri(picture),
  })
}

/** Pixels as the address of a PNG. */
export function dataUri({ pixels, width, height, channels }: Pixels): string {
  return `data:image/png;base64,${Buffer.from(encode({ data: pixels, width, height, channels })).toString('base64')}`
}
