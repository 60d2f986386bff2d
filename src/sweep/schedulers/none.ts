// Nobody stops a trial early.

import { defineScheduler } from './scheduler.ts'

export const none = defineScheduler({
  description: 'nobody',
  options: {},
  create: (_options, epochs) => ({
    firstEpoch: epochs,
    decide: (_trials, more) => ({ do: more ? 'propose' : 'wait' }),
  }),
})
