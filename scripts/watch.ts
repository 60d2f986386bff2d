// The command behind `npm run watch -- ...`.

import { main } from './commands/run.ts'
import { watchCommand } from './commands/watch.ts'

await main(watchCommand, 'npm run watch --')
