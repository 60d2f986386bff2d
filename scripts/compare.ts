// The command behind `npm run compare -- ...`.

import { compareCommand } from './commands/compare.ts'
import { main } from './commands/run.ts'

await main(compareCommand, 'npm run compare --')
