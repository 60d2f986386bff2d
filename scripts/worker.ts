// The command behind `npm run worker -- ...`.

import { main } from './commands/run.ts'
import { workerCommand } from './commands/worker.ts'

await main(workerCommand, 'npm run worker --')
