// What is shown, and how: the part of it that the address holds, so that it can be kept, sent and gone back to.

/** How the curves are drawn. */
export type Settings = {
  /** What goes across. */
  readonly x: 'epochs' | 'images' | 'steps' | 'minutes'
  /** Weight of what came before, in [0, 1): 0 for none. */
  readonly smoothing: number
  /** Logarithmic upwards. */
  readonly log: boolean
  /** A line a run (empty), a line for the runs that differ in nothing but the seed, or a line a value of this option. */
  readonly group: '' | 'seeds' | (string & {})
}

/** What the address says. */
export type Address = { readonly runs: readonly string[]; readonly settings: Settings }

const usual: Settings = { x: 'epochs', smoothing: 0, log: false, group: '' }

/** Read `#run=a&run=b&x=minutes`; whatever it does not say, or says wrongly, is as usual. */
export function readAddress(hash: string): Address {
  const query = new URLSearchParams(hash.replace(/^#/, ''))
  const x = query.get('x')
  const smoothing = Number(query.get('smoothing'))
  return {
    runs: [...new Set(query.getAll('run'))],
    settings: {
      x: x === 'images' || x === 'steps' || x === 'minutes' ? x : usual.x,
      smoothing: smoothing > 0 && smoothing < 1 ? smoothing : usual.smoothing,
      log: query.get('log') === '1',
      group: query.get('group') ?? usual.group,
    },
  }
}

/** The other way round; what is as usual is left out. */
export function writeAddress({ runs, settings: { x, smoothing, log, group } }: Address): string {
  const query = new URLSearchParams(runs.map((name) => ['run', name]))
  if (x !== usual.x) query.set('x', x)
  if (smoothing !== usual.smoothing) query.set('smoothing', String(smoothing))
  if (log) query.set('log', '1')
  if (group !== usual.group) query.set('group', group)
  return query.toString()
}
