/**
 * `saccade/algorithms`: the algorithm's contract, the terms to build losses from, and the algorithms that come along. Runs
 * in a browser.
 *
 * @module saccade/algorithms
 */

import './builtin.ts'

export type { Origin, Registry } from '../core/registry.ts'
export {
  type Course,
  discountedReturns,
  generalisedAdvantages,
  groupNormalised,
  heldReturns,
  leaveOneOutBaseline,
  normalised,
} from './advantages.ts'
export type {
  Algorithm,
  LocationContext,
  LocationSampler,
  Loss,
  Scalars,
  Supervision,
  UpdateSchedule,
} from './algorithm.ts'
export {
  approximateKl,
  clippedSurrogateLoss,
  clippedValueLoss,
  entropyBonus,
  type PolicyTerm,
  policyGradientLoss,
  policyTerms,
  supervisedLoss,
  total,
  valueLoss,
} from './losses.ts'
export { criticOptions, policyOptions, scheduledStd } from './policy.ts'
export { type AlgorithmDefinition, algorithms, makeAlgorithm, registerAlgorithm } from './registry.ts'
export { type Field, type Trajectory, type TrajectorySpec, trajectoryFields } from './trajectory.ts'
