// What the page says while there is no run: what to do, and what will then be here.

import { element } from '../dom.ts'

const steps: readonly (readonly [words: string, command: string])[] = [
  ['Train for a minute. The run appears here by itself, epoch by epoch.', 'npm run train -- --quick'],
  ['Train another one, and tick both in the list to compare them.', 'npm run train -- --quick --algorithm rloo'],
  ['Or search over options: a sweep is one folder in the list.', 'npm run sweep -- examples/sweep.yaml'],
]

/** The page of a first visit. */
export function firstVisit(root: string): HTMLElement[] {
  const items = steps.map(([words, command]) => {
    const copy = element('button', { type: 'button', ariaLabel: `Copy ${command}` }, 'Copy')
    copy.addEventListener('click', async () => {
      await navigator.clipboard.writeText(command)
      copy.textContent = 'Copied'
    })
    return element('li', {}, words, element('div', { className: 'command' }, element('code', {}, command), copy))
  })
  return [
    element('h2', { className: 'welcome' }, 'No run yet'),
    element(
      'p',
      {},
      'This page shows every run below ',
      element('code', {}, root),
      ': its curves, where its agent looks, and its options. Run these in a terminal, in the directory of the project:',
    ),
    element('ol', { className: 'steps' }, ...items),
    element(
      'p',
      { className: 'muted' },
      'Runs somewhere else? Start the dashboard with ',
      element('code', {}, 'npm run dashboard -- --runs DIRECTORY'),
      '.',
    ),
  ]
}
