// What the zoo says of its agents: a line each, and a page each. Made of the entries; nothing is written by hand.

import { join } from 'node:path'
import type { EvaluationResult } from '../src/inference/evaluate-trained.ts'
import { figureOf } from '../src/report/intervals.ts'
import { formatMetric } from '../src/report/metrics.ts'
import { completeConfig, type RunConfig } from '../src/runs/config.ts'
import { inBytes, writeWhole } from '../src/runs/files.ts'
import type { Errors } from '../src/runs/records.ts'
import { kebab } from './commands/flags.ts'
import { readZoo, type ZooAgent } from './zoo.ts'

/** Write README.md of every entry, and of the zoo, from what the entries say. */
export function writeCards(zoo: string): void {
  const agents = readZoo(zoo)
  for (const agent of agents) writeWhole(join(zoo, agent.name, 'README.md'), cardText(agent))
  writeWhole(join(zoo, 'README.md'), indexText(agents))
}

/** `1.17 %`, and of a rate its 95 % interval over the test items, `[0.98, 1.40]`. */
export function figureInWords(
  { errors, measure, items }: EvaluationResult,
  kind: keyof Errors,
): { readonly figure: string; readonly interval: string } {
  const figure = formatMetric(`testError.${kind}`, errors[kind], measure)
  if (measure !== 'error' && measure !== 'failure') return { figure, interval: '' }
  const { interval } = figureOf([errors[kind]], items)
  return { figure, interval: `[${interval.map((side) => side.toFixed(2)).join(', ')}]` }
}

/** README.md of the zoo. */
export function indexText(agents: readonly ZooAgent[]): string {
  const rows = agents.map(({ name, entry, config, size }) => {
    const [greedy, averaged] = (['greedy', 'averaged'] as const).map((kind) => {
      const { figure, interval } = figureInWords(entry.evaluation, kind)
      return `${figure} ${interval}`.trim()
    })
    return `| [${name}](${name}/README.md) | \`${config.environment.id}\` | ${greedy} | ${averaged} | ${inBytes(size)} |\n`
  })
  return `# Zoo

Trained agents that come along, by \`zoo:NAME\` wherever a command or \`loadAgent\` takes an agent: [docs/zoo.md](../docs/zoo.md).
Test errors of one greedy rollout an item and of several averaged, with 95 % intervals over the items. Written by \`saccade zoo\`.

| name | world | greedy | averaged | size |
| --- | --- | --- | --- | --- |
${rows.join('')}`
}

/** README.md of an entry. */
export function cardText(agent: ZooAgent): string {
  const { name, entry, config } = agent
  const { environment, algorithm } = config
  const { evaluation } = entry
  return `# ${name}

An agent \`${config.agent.name}\` in the world \`${environment.id}\` (${sceneInWords(config)}), trained by \`${algorithm.name}\`:
${agent.summary.parameters.toLocaleString('en')} parameters in ${entry.dtype}, ${inBytes(agent.size)}.

![What it sees of three test items, glimpse by glimpse](gaze.svg)

${errorTable(evaluation)}
All ${evaluation.items.toLocaleString('en')} items of the test split, on which no choice was made. These figures are of engine ${evaluation.engine}; another engine or
processor may round otherwise.${intervalsInWords(evaluation)}

    npm run evaluate -- zoo:${name}    # the same figures again
    npm run watch -- zoo:${name}       # how it looks

${originInWords(agent)}
`
}

/** The options that say how large the scene is and how it is seen, of those that the world has. */
const sceneInWords = ({ environment }: RunConfig): string =>
  ['canvasSide', 'clutter', 'glimpses', 'glimpseSide', 'scales']
    .filter((option) => option in environment)
    .map((option) => `${kebab(option).replace('-', ' ')} ${environment[option]}`)
    .join(', ')

function errorTable(evaluation: EvaluationResult): string {
  const { measure, rollouts, glimpses } = evaluation
  const rows = (
    [
      ['greedy', 'one rollout, the likeliest actions'],
      ['sampled', 'one rollout, drawn actions'],
      ['averaged', `over ${rollouts} sampled rollouts`],
    ] as const
  ).map(([kind, how]) => {
    const { figure, interval } = figureInWords(evaluation, kind)
    return `| ${kind} | ${how} | ${figure} | ${interval} |\n`
  })
  const length = glimpses === undefined ? '' : `\n${glimpses.toFixed(2)} glimpses an item, greedy.\n`
  const title = { error: 'error', distance: 'distance', failure: 'failures', return: 'return' }[measure]
  return `| test ${title} | | | 95 % interval |\n| --- | --- | --- | --- |\n${rows.join('')}${length}`
}

const intervalsInWords = ({ measure }: EvaluationResult): string =>
  measure === 'error' || measure === 'failure'
    ? " The intervals are Wilson's, over the items; they say nothing of other seeds."
    : ''

/** Where it comes from. */
function originInWords({ name, entry, config, summary }: ZooAgent): string {
  const { seeds, commit, epoch } = entry
  const chosen =
    seeds.length > 1 ? ` Of the seeds ${seeds.join(', ')} it is the one of the lowest validation error.` : ''
  const validation = formatMetric('validation.error', summary.validationError, summary.measure)
  return `Trained at commit \`${commit}\`, seed ${summary.seed}, in ${(summary.seconds / 60).toFixed(1)} minutes (engine ${summary.engine}, workers ${summary.workers}): ${summary.epochs} epochs,
of which ${epoch} was the best on validation, ${validation}.${chosen}

    ${commandOf(config)}

Every option is in [config.json](config.json), from which \`npm run train -- --config zoo/${name}/config.json\` trains it again.`
}

/** The command that trains with these options: those that are not its world's own. */
export function commandOf(config: RunConfig): string {
  const { environment, agent, algorithm, training, from } = config
  const usual = completeConfig({
    environment: { id: environment.id },
    agent: { name: agent.name },
    algorithm: { name: algorithm.name },
  })
  const chosen = {
    environment: environment.id,
    ...(agent.name !== 'ram' && { agent: agent.name }),
    ...(algorithm.name !== completeConfig({ environment: { id: environment.id } }).algorithm.name && {
      algorithm: algorithm.name,
    }),
    ...(from && { from: from.agent }),
  }
  const { engine: _, workers: __, shards: ___, ...telling } = training
  const differing = (['environment', 'agent', 'algorithm', 'training'] as const).flatMap((group) =>
    Object.entries(group === 'training' ? telling : config[group]).filter(
      ([option, value]) => option === 'seed' || (usual[group] as Record<string, unknown>)[option] !== value,
    ),
  )
  const flags = [...Object.entries(chosen), ...differing].map(([option, value]) =>
    typeof value === 'boolean' ? `--${value ? '' : 'no-'}${kebab(option)}` : `--${kebab(option)} ${value}`,
  )
  return `npm run train -- ${flags.join(' ')}`
}
