// The command behind `npm run report -- ...`.

import { reportCommand } from './commands/report.ts'
import { main } from './commands/run.ts'

await main(reportCommand, 'npm run report --')
