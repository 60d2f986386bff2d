// The command behind `npm run export -- ...`.

import { exportCommand } from './commands/export.ts'
import { main } from './commands/run.ts'

await main(exportCommand, 'npm run export --')
