// The few things that both pages do with the document. Text goes in as text, never as markup.

/** Make an element: properties by name, then children; strings become text. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = Object.assign(document.createElement(tag), properties)
  made.append(...children)
  return made
}

/** The element of an id. @throws Error where the page has none, or it is something else. */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`)
  return found
}

/** Make a canvas as sharp as the screen; its context counts CSS pixels. */
export function sharpContext(canvas: HTMLCanvasElement): {
  context: CanvasRenderingContext2D
  width: number
  height: number
} {
  const { clientWidth: width, clientHeight: height } = canvas
  const ratio = window.devicePixelRatio || 1
  const [pixelWidth, pixelHeight] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== pixelWidth || canvas.height !== pixelHeight)
    Object.assign(canvas, { width: pixelWidth, height: pixelHeight })
  const context = canvas.getContext('2d')!
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  return { context, width, height }
}

/** Call back now and whenever the system turns light or dark. */
export function onScheme(react: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', react)
}

/** The first element of a class below another. @throws Error where there is none, or it is something else. */
export function byClass<Kind extends HTMLElement>(root: HTMLElement, name: string, kind: new () => Kind): Kind {
  const found = root.querySelector(`.${name}`)
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} .${name}`)
  return found
}
