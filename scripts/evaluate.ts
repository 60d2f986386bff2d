// The command behind `npm run evaluate -- ...`.

import { evaluateCommand } from './commands/evaluate.ts'
import { main } from './commands/run.ts'

await main(evaluateCommand, 'npm run evaluate --')
