// The command behind `npm run sweep -- ...`.

import { main } from './commands/run.ts'
import { sweepCommand } from './commands/sweep.ts'

await main(sweepCommand, 'npm run sweep --')
