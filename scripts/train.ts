// The command behind `npm run train -- ...`.

import { main } from './commands/run.ts'
import { trainCommand } from './commands/train.ts'

await main(trainCommand, 'npm run train --')
