// Lines for a terminal: a status that is drawn over itself below what is printed, words that are folded or left out rather
// than wrapped, bars, durations.

import { printable } from '../core/printable.ts'

/** Where text goes: process.stdout, process.stderr, or a collector in a test. */
export type Output = {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** Words of a line, and how soon they are left out where there is no room: those of the largest number first, 0 never. */
export type Part = readonly [words: string, rank: number]

/** How wide a line may be: one column less than there are, for a full line would wrap; without a terminal, any width. */
export const roomOf = ({ isTTY, columns = 80 }: Output): number =>
  isTTY ? Math.max(20, columns - 1) : Number.POSITIVE_INFINITY

/** Parts in one line, two spaces apart, without those for which there is no room; what is still too long is cut. */
export function fitted(parts: readonly Part[], room: number): string {
  let kept = parts.filter(([words]) => words !== '')
  const line = (): string => kept.map(([words]) => words).join('  ')
  while (line().length > room) {
    const last = Math.max(...kept.map(([, rank]) => rank))
    if (last === 0) break
    kept = kept.filter(([, rank]) => rank !== last)
  }
  return cut(line(), room)
}

/** At most `room` characters; an ellipsis stands for what is cut off. */
export const cut = (words: string, room: number): string =>
  words.length > room ? `${words.slice(0, Math.max(0, room - 1))}…` : words

/** Words in lines of at most `room` characters, broken at spaces, all but the first indented. */
export function folded(words: string, room: number): string[] {
  const lines: string[] = []
  for (const word of words.split(' ')) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word
    if (lines.length > 0 && longer.length <= room) lines[lines.length - 1] = longer
    else lines.push(lines.length > 0 ? `  ${word}` : word)
  }
  return lines
}

/** `████░░░░ 50 %`, `width` characters of bar. */
export function bar(share: number, width = 12): string {
  const whole = Math.min(1, Math.max(0, share))
  const full = Math.round(whole * width)
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${String(Math.floor(100 * whole)).padStart(2)} %`
}

/** A line that is drawn over itself, on a terminal alone, below lines that stay. */
export class StatusLine {
  private readonly out: Output
  private shown = ''

  constructor(out: Output) {
    this.out = out
  }

  /** Show this in place of what was shown. */
  show(parts: readonly Part[]): void {
    if (!this.out.isTTY) return
    this.shown = fitted(parts, roomOf(this.out))
    this.out.write(`${clearLine}${this.shown}`)
  }

  /** Print lines that stay; the status follows them. */
  print(words: string): void {
    const status = this.shown
    this.clear()
    for (const line of folded(words, roomOf(this.out))) this.out.write(`${line}\n`)
    if (status === '') return
    this.shown = status
    this.out.write(status)
  }

  /** Take it away: what is printed next stands where it was. */
  clear(): void {
    if (this.shown !== '') this.out.write(clearLine)
    this.shown = ''
  }
}

const clearLine = '\r\x1b[2K'

/** An output to which nothing but lines, tabs and what clears a status line gets through: names of others may hold anything. */
export const guarded = (out: Output): Output => ({
  get isTTY() {
    return out.isTTY
  },
  get columns() {
    return out.columns
  },
  write: (text) => {
    const status = text.startsWith(clearLine) ? clearLine : ''
    return out.write(status + text.slice(status.length).replace(/[^\n\t]+/g, printable))
  },
})

/** `42 s`, `7 min 12 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?'
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** How far several trainings have come together, and how long they take yet if they go on as since `began` (performance.now). */
export class Overall {
  private readonly status: StatusLine
  private readonly noun: string
  private readonly count: number
  private readonly began = performance.now()
  private first: number | undefined

  constructor(status: StatusLine, noun: string, count: number) {
    this.status = status
    this.noun = noun
    this.count = count
  }

  /** @param done how many are at their end; @param share of all the work, in [0, 1] */
  show(done: number, share: number): void {
    this.first ??= share
    const gained = share - this.first
    const seconds = (performance.now() - this.began) / 1000
    const left = gained > 0 ? `${duration((seconds / gained) * (1 - share))} left` : 'time left not known yet'
    this.status.show([
      [`${done} of ${this.count} ${this.noun}${this.count === 1 ? '' : 's'}`, 0],
      [bar(share), 0],
      [left, 0],
    ])
  }
}
