// Each algorithm's loss on one trajectory that is small enough to work out by hand: two episodes, two steps, two classes.

import '@tensorflow/tfjs-backend-cpu'
import { scalar, setBackend, type Tensor2D, tensor1d, tensor2d, tensor3d, tidy } from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../../src/catalogue.ts'
import type { Outputs } from '../../src/agent/agent.ts'
import { makeAlgorithm } from '../../src/algorithms/registry.ts'
import type { Trajectory } from '../../src/algorithms/trajectory.ts'
import { Box, Discrete } from '../../src/env/spaces.ts'

await setBackend('cpu')

const ln3 = Math.log(3)

const location = { name: 'location', space: new Box(-1, 1, [2]) }
const stop = { name: 'stop', space: new Discrete(2) }
const prediction = { name: 'prediction', space: new Discrete(2) }

/** The locations drawn first lie one and two deviations (of 1/2) from the mean: log p = -0.951583 and -2.451583. */
const outputs = (heads: Outputs['heads'] = {}): Outputs => ({
  heads: {
    location: tensor3d(new Array(8).fill(0), [2, 2, 2]),
    // at the last step p = (3/4, 1/4) and (1/2, 1/2)
    prediction: tensor3d([5, 1, -2, 0, ln3, 0, 0, 0], [2, 2, 2]),
    ...heads,
  },
  value: tensor2d([
    [0.4, 0.2],
    [0.6, 0.1],
  ]),
})

const drawn = (more: Trajectory['drawn'] = {}): Trajectory['drawn'] => ({
  location: tensor3d([0.5, 0, 0, -1, 9, 9, 9, 9], [2, 2, 2]),
  prediction: tensor2d([0, 0, 0, 1], [2, 2], 'int32'),
  ...more,
})

/** Discount 1/2: returns (1, 1) and (1/8, 1/4). */
const trajectory = (change: Partial<Trajectory> = {}): Trajectory => ({
  heads: [location, prediction],
  drawn: drawn(),
  reward: tensor2d([
    [0.5, 0],
    [1, 0.25],
  ]),
  running: tensor2d([1, 1, 1, 1], [2, 2]),
  continued: tensor2d([1, 1, 0, 0], [2, 2]),
  scored: tensor2d([0, 0, 1, 1], [2, 2]),
  firstScored: 1,
  firstEnd: 1,
  target: tensor1d([0, 1], 'int32'),
  old: outputs(),
  rollouts: 1,
  ...change,
})

const withoutTarget = (): Trajectory => {
  const { target: _, ...rest } = trajectory()
  return rest
}

/** Everything that a loss reports, as numbers. */
function losses(
  name: string,
  options: Record<string, unknown>,
  happened: () => Trajectory = trajectory,
  now: () => Outputs = outputs,
): Record<string, number> {
  const algorithm = makeAlgorithm(name, { discount: 0.5, ...options })
  return tidy(() => {
    const { loss, metrics } = algorithm.loss(now(), happened(), { std: scalar(0.5) })
    return Object.fromEntries(Object.entries({ loss, ...metrics }).map(([key, x]) => [key, x.dataSync()[0]!]))
  })
}

function expectLosses(actual: Record<string, number>, expected: Record<string, number>, tolerance = 1e-5): void {
  for (const [name, value] of Object.entries(expected))
    assert.ok(Math.abs(actual[name]! - value) < tolerance, `${name}: ${actual[name]}, expected ${value}`)
}

// -(ln 3/4 + ln 1/2) / 2
const supervised = 0.490415

test('reinforce: returns less values for where, cross-entropy for what, squared error for what to expect', () => {
  // advantages of the first step: 1 - 0.4 = 0.6, 0.125 - 0.2 = -0.075
  // policy: -(-0.951583 * 0.6 + -2.451583 * -0.075) / 2 = (0.570950 - 0.183869) / 2 = 0.193541
  // baseline: (0.6^2 + 0.4^2 + 0.075^2 + 0.15^2) / 2 episodes / 2 steps = 0.548125 / 4 = 0.137031
  const found = losses('reinforce', { policyWeight: 0.1, baselineWeight: 2 })
  expectLosses(found, { supervised, policy: 0.193541, baseline: 0.137031 })
  // 0.490415 + 0.1 * 0.193541 + 2 * 0.137031
  expectLosses(found, { loss: 0.783831 })
})

test('reinforce without a target: the prediction too is made likelier by what it brought', () => {
  // advantages of the last step: 1 - 0.6 = 0.4, 0.25 - 0.1 = 0.15
  // predictions: (0.287682 * 0.4 + 0.693147 * 0.15) / 2 = 0.109522; with the locations 0.303064
  const found = losses('reinforce', { policyWeight: 1 }, withoutTarget)
  expectLosses(found, { supervised: 0, policy: 0.303064, loss: 0.303064 + 0.137031 })
})

test('a2c: every step judged by its reward and the value that follows', () => {
  // discount 1/2, lambda 1/2
  // first episode:  A1 = 1 - 0.6 = 0.4      A0 = 0.5 + 0.5 * 0.6 - 0.4 + 0.25 * 0.4 = 0.5
  // second episode: A1 = 0.25 - 0.1 = 0.15  A0 = 0 + 0.5 * 0.1 - 0.2 + 0.25 * 0.15 = -0.1125
  // policy: (0.951583 * 0.5 - 2.451583 * 0.1125) / 2 = (0.475792 - 0.275803) / 2 = 0.099994
  // baseline, towards value + advantage: (0.5^2 + 0.4^2 + 0.1125^2 + 0.15^2) / 4 = 0.445156 / 4 = 0.111289
  const found = losses('a2c', { lambda: 0.5, policyWeight: 0.1, baselineWeight: 2 })
  expectLosses(found, { supervised, policy: 0.099994, entropy: 0, baseline: 0.111289 })
  expectLosses(found, { loss: 0.490415 + 0.1 * 0.099994 + 2 * 0.111289 })
})

test('a2c without a target: entropy of the prediction is worth something', () => {
  // entropies 0.562335 and ln 2, mean 0.627741
  // policy: 0.099994 + (0.287682 * 0.4 + 0.693147 * 0.15) / 2 = 0.209517
  const found = losses('a2c', { lambda: 0.5, policyWeight: 1, entropyWeight: 0.5 }, withoutTarget)
  expectLosses(found, { policy: 0.209517, entropy: 0.627741, loss: 0.209517 - 0.5 * 0.627741 + 0.111289 })
})

test('a2c: normalised advantages have mean 0 and deviation 1 over all steps', () => {
  // 0.5, 0.4, -0.1125, 0.15: mean 0.234375, deviation sqrt(0.225430 / 4) = 0.237397 (and 0.0001 more)
  // first step: 1.118435, -1.460545; policy (0.951583 * 1.118435 - 2.451583 * 1.460545) / 2 = -1.258182
  const found = losses('a2c', { lambda: 0.5, normaliseAdvantages: true })
  expectLosses(found, { policy: -1.258182, baseline: 0.111289 })
})

/** The policy that played: its first mean was (-0.5, 0) in the first episode, and the drawn location in the second. */
const played = (): Trajectory =>
  trajectory({
    old: outputs({ location: tensor3d([-0.5, 0, 0, -1, 0, 0, 0, 0], [2, 2, 2]) }),
  })

test('ppo: no more to gain where the ratio has left the clip in the direction of the advantage', () => {
  // log p then: -2.451583 and -0.451583; ratios exp(1.5) = 4.481689 and exp(-2) = 0.135335; advantages as in a2c
  // policy: -(min(4.481689, 1.2) * 0.5 + min(-0.1125 * 0.135335, -0.1125 * 0.8)) / 2 = -(0.6 - 0.09) / 2
  const found = losses('ppo', { lambda: 0.5, policyWeight: 0.1, baselineWeight: 2 }, played)
  expectLosses(found, { supervised, policy: -0.255, baseline: 0.111289 })
  expectLosses(found, { loss: 0.490415 - 0.1 * 0.255 + 2 * 0.111289 })
  // ratio - 1 - log ratio: 1.981689 and 1.135335; mean 1.558512, over two steps
  expectLosses(found, { approximateKl: 0.779256 })
})

test('ppo: within the clip the ratio counts, and beyond it too where it does harm', () => {
  // advantages turned by the reward: first episode 0.5 -> reward -0.5 at t = 0: A0 = -0.5; second 0.5 -> A0 = 0.3875
  // policy: -(min(4.481689 * -0.5, 1.2 * -0.5) + min(0.135335 * 0.3875, 0.8 * 0.3875)) / 2
  //       = -(-2.240845 + 0.052442) / 2 = 1.094201
  const turned = (): Trajectory => ({ ...played(), reward: tensor2d([-0.5, 0.5, 1, 0.25], [2, 2]) })
  expectLosses(losses('ppo', { lambda: 0.5 }, turned), { policy: 1.094201 })
  // a clip of 5 holds nothing: -(4.481689 * 0.5 - 0.135335 * 0.1125) / 2 = -1.112810
  expectLosses(losses('ppo', { lambda: 0.5, clipRange: 5 }, played), { policy: -1.11281 })
})

test('ppo without a target: entropy of the prediction is worth something', () => {
  // ratios are 1: -(0.5 - 0.1125 + 0.4 + 0.15) / 2 = -0.46875; entropy as of a2c
  const found = losses('ppo', { lambda: 0.5, policyWeight: 1, entropyWeight: 0.5 }, withoutTarget)
  expectLosses(found, { policy: -0.46875, entropy: 0.627741, loss: -0.46875 - 0.5 * 0.627741 + 0.111289 })
})

test('ppo: a clipped value gains nothing by leaving the old one further behind', () => {
  // old values 0.4, 0.2, 0.6, 0.1, returns 0.9, 0.0875, 1, 0.25; now 0.9 (there) and 0.6 (beside it):
  // clipped to 0.5: error 0.4^2 for 0; the others as before: (0.16 + 0.16 + 0.012656 + 0.0225) / 4 = 0.088789
  const now = (): Outputs => ({ ...outputs(), value: tensor2d([0.9, 0.2, 0.6, 0.1], [2, 2]) })
  expectLosses(losses('ppo', { lambda: 0.5, valueClipRange: 0.1 }, trajectory, now), { baseline: 0.088789 })
  expectLosses(losses('ppo', { lambda: 0.5 }, trajectory, now), { baseline: 0.048789 })
})

test('rloo: each rollout against the mean of the others', () => {
  // both episodes are rollouts of one item: returns 1 and 0.125, advantages 0.875 and -0.875
  // policy: (0.951583 - 2.451583) * 0.875 / 2 = -0.65625
  const found = losses('rloo', { policyWeight: 0.1 }, () => trajectory({ rollouts: 2 }))
  expectLosses(found, { supervised, policy: -0.65625, loss: 0.490415 - 0.065625 })
  assert.not('baseline' in found)
})

test('rloo against the group: in deviations from the mean', () => {
  // mean 0.5625, deviation 0.4375: advantages 1 and -1; policy (0.951583 - 2.451583) / 2
  const found = losses('rloo', { against: 'group' }, () => trajectory({ rollouts: 2 }))
  expectLosses(found, { policy: -0.75 }, 5e-4)
})

test('rloo without a target: predictions are judged by the returns of their own step', () => {
  // returns of the last step 1 and 0.25: (0.287682 * 0.75 - 0.693147 * 0.75) / 2 = -0.152049
  const found = losses('rloo', {}, () => ({ ...withoutTarget(), rollouts: 2 }))
  expectLosses(found, { policy: -0.65625 - 0.152049 })
})

test('rloo: a rollout that has ended goes on being compared with', () => {
  // the second ends at once, with 0.25: returns (1, 1) and (0.25, held 0.25), advantages 0.75 and -0.75
  // location of the first: 0.951583 * 0.75 / 2 = 0.356844
  // predictions: the first's at the last step, ln 3/4; the second's at the first step, logits (-2, 0), -2.126928
  // (0.287682 * 0.75 - 2.126928 * 0.75) / 2 = -0.689717
  const ended = (): Trajectory => ({
    ...withoutTarget(),
    reward: tensor2d([0.5, 0.25, 1, 0], [2, 2]),
    running: tensor2d([1, 1, 1, 0], [2, 2]),
    continued: tensor2d([1, 0, 0, 0], [2, 2]),
    scored: tensor2d([0, 1, 1, 0], [2, 2]),
    firstScored: 0,
    firstEnd: 0,
    rollouts: 2,
  })
  expectLosses(losses('rloo', {}, ended), { policy: 0.356844 - 0.689717 })
})

test('stopping, and going on, is judged by what came of it, where the episode had steps left', () => {
  // the first goes on where it would stop with 3/4 and ends at the horizon; the second stops at once, with 1/2
  // returns (1, 1) and (0.25, 0), advantages of the first step 0.6 and 0.05
  // stops: (1.386294 * 0.6 + 0.693147 * 0.05) / 2 = 0.433217; location of the first: 0.951583 * 0.6 / 2 = 0.285475
  const now = (): Outputs => outputs({ stop: tensor3d([0, ln3, 0, 0, 0, 5, 0, -5], [2, 2, 2]) })
  const stopped = (): Trajectory => ({
    ...trajectory({ heads: [location, stop, prediction], old: now() }),
    drawn: drawn({ stop: tensor2d([0, 1, 1, 0], [2, 2], 'int32') }),
    reward: tensor2d([0.5, 0.25, 1, 0], [2, 2]),
    running: tensor2d([1, 1, 1, 0], [2, 2]),
    continued: tensor2d([1, 0, 0, 0], [2, 2]),
    scored: tensor2d([0, 1, 1, 0], [2, 2]),
    firstScored: 0,
    firstEnd: 0,
  })
  expectLosses(losses('reinforce', {}, stopped, now), { policy: 0.285475 + 0.433217 })
})

test('a control that chooses locations by itself has no loss for them', () => {
  for (const name of ['random', 'centre', 'raster']) {
    const found = losses(name, {})
    expectLosses(found, { supervised, baseline: 0.137031, loss: 0.490415 + 0.137031 })
  }
})

/**
 * The same, but cut off: the first episode was truncated at its second step, and the last observation is worth 2; the second
 * at its first, and the next observation, the second, is worth 0.1 (its second step is nothing).
 */
const cutOff = (change: Partial<Trajectory> = {}): Trajectory =>
  trajectory({
    running: tensor2d([1, 1, 1, 0], [2, 2]),
    continued: tensor2d([1, 0, 0, 0], [2, 2]),
    truncated: tensor2d([0, 1, 1, 0], [2, 2]),
    scored: tensor2d([0, 1, 1, 0], [2, 2]),
    reward: tensor2d([0.5, 0.25, 1, 0], [2, 2]),
    drawn: drawn({ location: tensor3d([0.5, 0, 0, -1, 0, 0.5, 9, 9], [2, 2, 2]) }),
    lastValue: tensor1d([2, 7]),
    firstScored: 0,
    firstEnd: 0,
    ...change,
  })

// first: 1 + 1/2 * 2 = 2, 0.5 + 1/2 * 2 = 1.5; second: 0.25 + 1/2 * 0.1 = 0.3
// advantages 1.5 - 0.4 = 1.1, 2 - 0.6 = 1.4; 0.3 - 0.2 = 0.1
// supervised, at the last steps: (ln 4/3 + 0.126928) / 2 = 0.207305

test('reinforce and the controls: the return of a truncated episode goes on with the value of its last observation', () => {
  // locations, all three of which took effect: (0.951583 * (1.1 + 1.4) + 2.451583 * 0.1) / 2 = (2.378958 + 0.245158) / 2
  // baseline: (1.1^2 + 1.4^2 + 0.1^2) / 4 = 0.795
  expectLosses(losses('reinforce', {}, cutOff), { supervised: 0.207305, policy: 1.312058, baseline: 0.795 })
  expectLosses(losses('random', {}, cutOff), { supervised: 0.207305, baseline: 0.795, loss: 0.207305 + 0.795 })
  // had they been terminated: returns 1, 1 and 0.25; baseline (0.6^2 + 0.4^2 + 0.05^2) / 4
  const ended = (): Trajectory => cutOff({ truncated: tensor2d([0, 0, 0, 0], [2, 2]) })
  expectLosses(losses('reinforce', {}, ended), { baseline: 0.130625 })
})

test('a2c and ppo: the last step of a truncated episode is judged by the value of its last observation', () => {
  // lambda 1/2. first: A1 = 1 + 1/2 * 2 - 0.6 = 1.4, A0 = 0.5 + 1/2 * 0.6 - 0.4 + 1/4 * 1.4 = 0.75; second: 0.1
  // policy: (0.951583 * (0.75 + 1.4) + 2.451583 * 0.1) / 2 = (2.045903 + 0.245158) / 2 = 1.145531
  // baseline: (0.75^2 + 1.4^2 + 0.1^2) / 4 = 0.633125
  expectLosses(losses('a2c', { lambda: 0.5 }, cutOff), { policy: 1.145531, baseline: 0.633125 })
  // ppo's ratios are 1: -(0.75 + 1.4 + 0.1) / 2
  expectLosses(losses('ppo', { lambda: 0.5 }, cutOff), { policy: -1.125, baseline: 0.633125 })
})

test('rloo: a truncated rollout is compared by what it would have been paid, for which it then needs a baseline', () => {
  // returns (1.5, 2) and (0.3, held 0.3): advantages 1.2, 1.7 and -1.2
  // policy: (0.951583 * (1.2 + 1.7) - 2.451583 * 1.2) / 2 = (2.759591 - 2.941900) / 2 = -0.091155
  // baseline: (1.1^2 + 1.4^2 + 0.1^2) / 4
  const found = losses('rloo', { policyWeight: 0.1, baselineWeight: 2 }, () => cutOff({ rollouts: 2 }))
  expectLosses(found, { policy: -0.091155, baseline: 0.795, loss: 0.207305 - 0.0091155 + 2 * 0.795 })
})

test('supervision at every step averages the cross-entropy over the steps', () => {
  // first step: p(target) = e^5 / (e^5 + e^1) (0.018150 nats), e^0 / (e^-2 + e^0) (0.126928 nats)
  // (0.018150 + 0.287682 + 0.126928 + 0.693147) / 2 steps / 2 episodes = 0.281477
  for (const name of ['reinforce', 'a2c', 'ppo'])
    expectLosses(losses(name, { supervision: 'every' }), { supervised: 0.281477 })
  expectLosses(
    losses('rloo', { supervision: 'every' }, () => trajectory({ rollouts: 2 })),
    { supervised: 0.281477 },
  )
})

test('supervision that rises weighs the steps by the glimpses seen', () => {
  // as above, with weights 1/3 and 2/3: ((0.018150 + 2 x 0.287682) + (0.126928 + 2 x 0.693147)) / 3 / 2 episodes
  expectLosses(losses('reinforce', { supervision: 'rising' }), { supervised: 0.351123 })
})

test('what happened after an episode had ended, or was drawn and not looked at, is in no loss', () => {
  // the second episode ends after one step, by whatever means; its second step is filled with nonsense
  const ended = (nonsense: number): Trajectory =>
    trajectory({
      drawn: {
        location: tensor3d([0.5, 0, nonsense, -1, nonsense, 9, 9, nonsense], [2, 2, 2]),
        prediction: tensor2d([0, 0, 0, nonsense > 1 ? 0 : 1], [2, 2], 'int32'),
      },
      reward: tensor2d([0.5, 0.25, 1, 0], [2, 2]),
      running: tensor2d([1, 1, 1, 0], [2, 2]),
      continued: tensor2d([1, 0, 0, 0], [2, 2]),
      scored: tensor2d([0, 1, 1, 0], [2, 2]),
      firstScored: 0,
      firstEnd: 0,
      rollouts: 2,
    })
  const now = (nonsense: number) => (): Outputs => ({
    ...outputs({ prediction: tensor3d([5, 1, -2, 0, ln3, 0, nonsense, 0], [2, 2, 2]) }),
    value: tensor2d([0.4, 0.2, 0.6, nonsense], [2, 2]) as Tensor2D,
  })
  for (const name of ['reinforce', 'a2c', 'ppo', 'rloo', 'random']) {
    const [once, other] = [1, 7].map((nonsense) => losses(name, {}, () => ended(nonsense), now(nonsense)))
    expectLosses(once!, other!, 1e-6)
  }
})

test.run()
