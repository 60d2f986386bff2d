// Runs that belong together: those that differ in nothing but their seed, or those that share the value of an option. Pure,
// for the pictures and for the dashboard's page.

type Options = Readonly<Record<string, unknown>>
/** As much of a run as is asked for here: config.json as it is. */
type Configured = { readonly name: string; readonly config?: Options | undefined }

/** Runs of one configuration. */
export type Group<Run> = {
  /** What sets this group apart from the others, for a legend. */
  readonly label: string
  readonly runs: readonly Run[]
}

/** What may differ between two runs that are to be averaged: the seed, and what must not change what is learned. */
const incidental = new Set(['training.seed', 'training.engine', 'training.workers'])

/** Group runs by configuration. A run without one is a group of its own. */
export function groupRuns<Run extends Configured>(runs: readonly Run[]): Group<Run>[] {
  const groups = new Map<string, { options: Map<string, string>; runs: Run[] }>()
  for (const [i, run] of runs.entries()) {
    const options = run.config ? optionsOf(run.config) : new Map([['run', `${run.name} ${i}`]])
    for (const name of incidental) options.delete(name)
    const key = JSON.stringify([...options].sort())
    const group = groups.get(key)
    if (group) group.runs.push(run)
    else groups.set(key, { options, runs: [run] })
  }
  const all = [...groups.values()]
  const telling = differing(all.map(({ options }) => options))
  const labels = all.map(({ options, runs: [first] }) => labelOf(options, telling, first!.name))
  return all.map((group, i) => ({
    label: labels.indexOf(labels[i]!) === i ? labels[i]! : `${labels[i]} (${group.runs[0]!.name})`,
    runs: group.runs,
  }))
}

/** Group runs by one option, such as `training.learningRate`; in order of its values. */
export function groupBy<Run extends Configured>(runs: readonly Run[], option: string): Group<Run>[] {
  const groups = new Map<string, Run[]>()
  for (const run of runs) {
    const value = optionsOf(run.config ?? {}).get(option) ?? 'not said'
    groups.set(value, [...(groups.get(value) ?? []), run])
  }
  const collator = new Intl.Collator('en', { numeric: true })
  const order = (a: string, b: string): number => Number(a) - Number(b) || collator.compare(a, b)
  return [...groups.keys()].sort(order).map((value) => ({ label: labelFor(option, value), runs: groups.get(value)! }))
}

/** The options whose values are not the same in all runs. */
export function differingOptions(runs: readonly Configured[]): string[] {
  return differing(runs.map(({ config }) => optionsOf(config ?? {})))
}

const differing = (all: readonly ReadonlyMap<string, string>[]): string[] =>
  [...new Set(all.flatMap((options) => [...options.keys()]))].filter(
    (name) => new Set(all.map((options) => options.get(name))).size > 1,
  )

/** `ppo, 8 glimpses` where it is short, else the run's name. */
function labelOf(options: ReadonlyMap<string, string>, telling: readonly string[], name: string): string {
  const parts = telling.flatMap((key) => (options.has(key) ? [labelFor(key, options.get(key)!)] : []))
  const label = parts.join(', ')
  return parts.length === 0 || label.length > 48 || options.has('run') ? name : label
}

const labelFor = (option: string, value: string): string =>
  ['environment.id', 'agent.name', 'algorithm.name'].includes(option) ? value : `${option.split('.').at(-1)} ${value}`

/** Every option by `group.name`, as words. */
function optionsOf(config: Options): Map<string, string> {
  const options = new Map<string, string>()
  for (const [group, values] of Object.entries(config))
    for (const [name, value] of Object.entries(typeof values === 'object' && values !== null ? values : {}))
      options.set(`${group}.${name}`, typeof value === 'object' ? JSON.stringify(value) : String(value))
  return options
}

/** The mean and the range of some numbers. */
export function spreadOf(values: readonly number[]): { mean: number; low: number; high: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, low: Math.min(...values), high: Math.max(...values) }
}

/** One step of a curve over several runs. */
export type CurvePart = { readonly at: number; readonly mean: number; readonly low: number; readonly high: number }

/** Mean and range of several runs' numbers by epoch, where each of them (but those without any) has one. */
export function meanCurve(series: readonly ReadonlyMap<number, number>[]): CurvePart[] {
  const some = series.filter(({ size }) => size > 0)
  const [first] = some
  if (!first) return []
  const common = [...first.keys()].filter((at) => some.every((values) => values.has(at)))
  return common.map((at) => ({ at, ...spreadOf(some.map((values) => values.get(at)!)) }))
}
