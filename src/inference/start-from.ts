// A training that starts from the parameters of a trained agent: what it takes over, and whether they fit.

import { createHash } from 'node:crypto'
import { UserError } from '../core/errors.ts'
import { type Layout, tensorsIn } from '../core/tensors.ts'
import { environments } from '../env/registry.ts'
import { layoutDifferences } from '../runs/checkpoint.ts'
import type { From, PartialConfig, RunConfig } from '../runs/config.ts'
import type { Plan } from '../training/programs.ts'
import { openTrained } from './load.ts'

/**
 * A configuration over that of the agent which it names in `from`: its agent, and its world and algorithm where no others
 * are asked for. How it is trained is not taken over.
 * @throws UserError where there is no such agent.
 */
export async function configFrom(chosen: PartialConfig & { readonly from: From }): Promise<PartialConfig> {
  const { environment = {}, agent = {}, algorithm = {}, imports = [] } = chosen
  const { config: source } = await openTrained(chosen.from.agent, { imports })
  const sameWorld = environment.id === undefined || environments.fullId(environment.id) === source.environment.id
  const sameAgent = (agent.name ?? source.agent.name) === source.agent.name
  const sameAlgorithm = (algorithm.name ?? source.algorithm.name) === source.algorithm.name
  return {
    ...chosen,
    environment: sameWorld ? { ...source.environment, ...environment, id: source.environment.id } : environment,
    agent: sameAgent ? { ...source.agent, ...agent } : agent,
    algorithm: sameAlgorithm ? { ...source.algorithm, ...algorithm } : algorithm,
    imports: [...new Set([...source.imports, ...imports])],
  }
}

/**
 * The parameters that a configuration starts from, float32 [lengthOf(plan.agent.layout)], and what tells them from others.
 * What another world asks to be said or done has heads of its own: those that the agent lacks begin `anew`, by their names.
 * @throws UserError where there are none, they do not fit, or they are others than the configuration says.
 */
export async function parametersFrom(
  config: RunConfig & { readonly from: From },
  plan: Plan,
): Promise<{ readonly parameters: Float32Array; readonly from: From; readonly anew: readonly string[] }> {
  const { agent, parameters: expected } = config.from
  const source = await openTrained(agent, { imports: config.imports })
  refuseOtherOptions(agent, source.config.agent, config.agent)
  const heads = new Set([...plan.spec.heads, ...source.plan.spec.heads].map(({ name }) => name))
  const bodyOf = (layout: Layout): Layout => layout.filter(({ name }) => !heads.has(headOfParameter(name)))
  const differences = layoutDifferences(bodyOf(source.plan.agent.layout), bodyOf(plan.agent.layout))
  if (differences)
    throw new UserError(
      `from ${agent}: its parameters do not fit this world and agent: ${differences}; leave the world's options as they are there, or train without --from`,
    )
  const { buffer, byteOffset, byteLength } = source.parameters
  const found = createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex')
    .slice(0, 16)
  if (expected !== undefined && expected !== found)
    throw new UserError(
      `from ${agent}: its parameters are not those that this configuration began with (${expected}, now ${found}); bring them back, or leave from.parameters out`,
    )
  return { ...takeOver(source, plan, config.training.seed), from: { agent, parameters: found } }
}

/** The head that a parameter belongs to, if it belongs to one: what stands before the first dot of its name. */
const headOfParameter = (name: string): string => name.split('.')[0]!

/** The first parameters of an agent, with the values of another's where name and shape are alike, and whose heads are not. */
function takeOver(
  source: { readonly plan: Plan; readonly parameters: Float32Array },
  { agent }: Plan,
  seed: number,
): { readonly parameters: Float32Array; readonly anew: readonly string[] } {
  const tensors = tensorsIn(source.plan.agent.layout, source.parameters)
  const there = new Map(tensors.map(({ name, shape, values }) => [`${name} ${shape}`, values]))
  const parameters = agent.init(seed)
  const anew = new Set<string>()
  for (const { name, shape, values } of tensorsIn(agent.layout, parameters)) {
    const found = there.get(`${name} ${shape}`)
    if (found) values.set(found)
    else anew.add(headOfParameter(name))
  }
  return { parameters, anew: [...anew] }
}

/** Parameters mean what they mean by the options of their agent, also by those that change no shape. */
function refuseOtherOptions(name: string, there: RunConfig['agent'], here: RunConfig['agent']): void {
  if (there.name !== here.name)
    throw new UserError(`from ${name}: it is an agent ${there.name}, and ${here.name} is asked for; leave --agent out`)
  const changed = Object.keys(here).find((option) => here[option] !== there[option])
  if (changed !== undefined)
    throw new UserError(
      `agent ${here.name}: ${changed}: ${here[changed]} given; ${name} has ${there[changed]}, which its parameters were trained with: leave it out`,
    )
}
