// The command behind `npm run demo -- ...`.

import { demoCommand } from './commands/demo.ts'
import { main } from './commands/run.ts'

await main(demoCommand, 'npm run demo --')
