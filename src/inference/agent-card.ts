// The card of an agent that is, or was, in training. Runs in a browser too.

import type { RunConfig } from '../runs/config.ts'
import { worldOf } from '../training/plan.ts'
import type { Plan } from '../training/programs.ts'
import type { AgentCard } from './agent-file.ts'
import { refuseOwnLocations } from './policy.ts'

/** What an agent file says of the agent of a configuration. @throws UserError where its algorithm chose locations by itself. */
export function cardOf(
  { agent, environment: given, algorithm: by, training }: RunConfig,
  { environment, algorithm }: Plan,
  { epoch, progress, test }: { epoch: number; progress: number; test?: AgentCard['test'] },
): AgentCard {
  refuseOwnLocations({ environment, algorithm })
  const { scaleFactor = 2, background = 0 } = given as { scaleFactor?: number; background?: number }
  const { observation, heads, horizon } = worldOf(environment, algorithm)
  return {
    format: 1,
    agent,
    environment: given,
    algorithm: by,
    world: JSON.parse(JSON.stringify({ observation, heads, horizon })) as AgentCard['world'],
    eye: { scaleFactor, background, locationAction: environment.locationAction ?? 'place' },
    names: JSON.parse(JSON.stringify(environment.names ?? {})) as AgentCard['names'],
    epoch,
    training: { progress, rollouts: training.evaluationRollouts },
    ...(test && { test }),
  }
}
