// The command behind `npm run list -- ...`.

import { listCommand } from './commands/list.ts'
import { main } from './commands/run.ts'

await main(listCommand, 'npm run list --')
