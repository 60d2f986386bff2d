// The command behind `npm run dashboard -- ...`.

import { dashboardCommand } from './commands/dashboard.ts'
import { main } from './commands/run.ts'

await main(dashboardCommand, 'npm run dashboard --')
