// Every number that a run reports: its title, its unit, which way is better, and how it is written. The one place for it:
// terminal, pictures, TensorBoard and dashboard all ask here. Names are those of metrics.jsonl and summary.json, with dots.

/** What a number means to people. */
export type Metric = {
  readonly title: string
  /** Of the number as it is shown. */
  readonly unit?: string
  /** A number as it is recorded, times this, is the number as it is shown; 1 by default. */
  readonly factor?: number
  readonly better?: 'lower' | 'higher'
  /** Decimals; as many as three significant digits need by default. */
  readonly digits?: number
  /** Its axis begins at 0: it is an error, a share, a duration. */
  readonly fromZero?: boolean
  /** False of what is recorded, but drawn in no chart of its own. */
  readonly drawn?: false
  /** Shown without being asked for. */
  readonly main?: boolean
  /** What it is called on a line of the terminal. */
  readonly short?: string
  /** Its tag in TensorBoard; by default the name with slashes. */
  readonly tag?: string
}

const error = { unit: '%', better: 'lower', digits: 2, fromZero: true } as const

/** In the order in which they are shown. */
const table: Readonly<Record<string, Metric>> = {
  'validation.error': { ...error, title: 'Validation error', short: 'validation error', main: true },
  'train.loss': { title: 'Training loss', better: 'lower', digits: 4, short: 'loss', main: true },
  'train.accuracy': {
    ...{ title: 'Training accuracy', unit: '%', factor: 100, better: 'higher', digits: 2 },
    ...{ short: 'accuracy', main: true },
  },
  'train.return': { title: 'Training return', better: 'higher', digits: 3, short: 'return', main: true },
  'train.baseline': { title: "Baseline's squared error", better: 'lower', fromZero: true, main: true },
  'train.spread': { title: 'Spread of the locations', unit: 'half images', fromZero: true, main: true },
  'validation.return': { title: 'Validation return', better: 'higher', digits: 3 },
  'train.distance': { title: 'Training distance', unit: 'half images', better: 'lower', digits: 3, fromZero: true },
  'validation.glimpses': { title: 'Validation glimpses an episode', better: 'lower', digits: 2 },
  'train.glimpses': { title: 'Training glimpses an episode', better: 'lower', digits: 2 },
  'train.supervised': { title: 'Supervised loss', better: 'lower' },
  'train.policy': { title: 'Policy loss' },
  'train.entropy': { title: 'Entropy of the discrete actions', unit: 'nats' },
  'train.approximateKl': { title: 'Approximate KL divergence', unit: 'nats', fromZero: true },
  locationEntropy: { title: "Entropy of a location's draw", unit: 'nats' },
  learningRate: { title: 'Learning rate', tag: 'training/learningRate' },
  imagesPerSecond: { title: 'Images a second', fromZero: true, better: 'higher', tag: 'training/imagesPerSecond' },
  chance: { title: 'Error of a blind guess', unit: '%', digits: 2, drawn: false },
  steps: { title: 'Environment steps an epoch', digits: 0, drawn: false, tag: 'training/steps' },
  seconds: { title: 'Time an epoch', unit: 's', digits: 1, fromZero: true, tag: 'training/seconds' },
  'testError.greedy': { ...error, title: 'Test error, greedy', tag: 'test/greedy', short: 'greedy' },
  'testError.sampled': { ...error, title: 'Test error, sampled', tag: 'test/sampled', short: 'sampled' },
  'testError.averaged': { ...error, title: 'Test error, averaged', tag: 'test/averaged', short: 'averaged' },
}

const groups: Readonly<Record<string, string>> = { train: 'Training', validation: 'Validation', testError: 'Test' }

/** What the errors of a world are, where they are no percentages of wrong predictions. */
const measures: Readonly<Record<string, (metric: Metric) => Metric>> = {
  distance: ({ unit: _, ...metric }) => ({ ...metric, ...renamed(metric, 'distance'), digits: 3 }),
  // in validation recorded with its sign turned, so that less is better
  return: ({ unit: _, ...metric }) => ({
    ...{ ...metric, ...renamed(metric, metric.main ? 'minus return' : 'return'), digits: 3, fromZero: false },
    ...{ better: metric.main ? 'lower' : 'higher' },
  }),
}

const renamed = ({ title, short }: Metric, word: string): Metric => ({
  title: title.replace('error', word),
  ...(short !== undefined && { short: short.replace('error', word) }),
})

/**
 * What is known of a number where errors are measured otherwise.
 * @param measure what the errors of the run's world are: see `Measure` in src/runs/records.ts
 */
function measured(metric: Metric, name: string, measure: string | undefined): Metric {
  const change = measures[measure ?? 'error']
  return change && (name === 'validation.error' || name.startsWith('testError.')) ? change(metric) : metric
}

/** What is known of a number; of one that is not in the table, a title made of its name: `train.klShare` is `Training: kl share`. */
export function metricOf(name: string, measure?: string): Metric {
  if (Object.hasOwn(table, name)) return measured(table[name]!, name, measure)
  const [group, ...rest] = name.split('.')
  const known = rest.length > 0 && Object.hasOwn(groups, group!)
  const words = (known ? rest.join('.') : name).replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return { title: known ? `${groups[group!]}: ${words}` : words.charAt(0).toUpperCase() + words.slice(1) }
}

/** `Validation error, %`. */
export function titleOf(name: string, measure?: string): string {
  const { title, unit } = metricOf(name, measure)
  return unit === undefined ? title : `${title}, ${unit}`
}

/** The tag of TensorBoard: `train/loss`. */
export const tagOf = (name: string): string => metricOf(name).tag ?? name.replaceAll('.', '/')

/** A number as it is shown, in its unit. */
export const shownValue = (name: string, value: number): number => value * (metricOf(name).factor ?? 1)

/** `6.67 %`, `0.0123`; a dash where there is none. */
export function formatMetric(name: string, value: number | null | undefined, measure?: string): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–'
  const { unit, digits } = metricOf(name, measure)
  const shown = shownValue(name, value)
  const words = digits === undefined ? shortNumber(shown) : shown.toFixed(digits)
  return unit === undefined ? words : `${words} ${unit}`
}

/** Three significant digits; whole thousands with commas. */
export function shortNumber(value: number): string {
  const size = Math.abs(value)
  if (size >= 100) return Math.round(value).toLocaleString('en')
  if (size >= 1) return value.toFixed(2)
  return size >= 0.001 || size === 0 ? String(Number(value.toPrecision(3))) : value.toExponential(1)
}

/** Names of what is drawn, in the order of the table, those that are not in it at the end; apart: what is shown without being asked for. */
export function arrange(names: Iterable<string>): { readonly main: string[]; readonly rest: string[] } {
  const order = Object.keys(table)
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length)
  const sorted = [...new Set(names)]
    .filter((name) => metricOf(name).drawn !== false)
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
  return {
    main: sorted.filter((name) => metricOf(name).main),
    rest: sorted.filter((name) => !metricOf(name).main),
  }
}
