// The command behind `npm run reproduce -- ...`.

import { reproduceCommand } from './commands/reproduce.ts'
import { main } from './commands/run.ts'

await main(reproduceCommand, 'npm run reproduce --')
