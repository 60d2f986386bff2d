// Recipes that several worlds share: options that were found to work in them.

/**
 * What works where the eye must first find what it is to name: a locator that sees for itself and says how far to move; a
 * reward for every look that made the right class likelier, soon forgotten; wide looks at first, ever narrower ones later.
 */
export const searching = {
  environment: { reward: 'gain' },
  agent: {
    locatorSees: true,
    locationMode: 'relative',
    recurrentStart: 'identity',
    detach: 'none',
    whatUnits: 256,
    whatLayers: 2,
  },
  algorithm: { supervision: 'rising', std: 0.3, finalStd: 0.03, discount: 0.7 },
} as const

/**
 * What works for an eye that moves by short steps: every step judged by itself and paid for what is known more after it,
 * and what is faint in the glimpse made plain.
 */
export const movingEye = {
  environment: { reward: 'gain' },
  agent: {
    glimpseInput: 'centred',
    glimpseGain: 8,
    core: 'lstm',
    hiddenUnits: 128,
    featureUnits: 128,
    whatUnits: 64,
    whereUnits: 64,
    locatorSees: true,
  },
  algorithm: {
    name: 'a2c',
    supervision: 'every',
    policyWeight: 1,
    normaliseAdvantages: true,
    discount: 0.9,
    lambda: 0.9,
    std: 0.5,
    finalStd: 0.15,
  },
  training: { batchSize: 32, rollouts: 8, epochs: 15 },
} as const

/** The same with a critic, for several things that must be found one after the other: the recipe of cluttered 100x100. */
export const findingSeveral = {
  ...searching,
  algorithm: { ...searching.algorithm, name: 'a2c', normaliseAdvantages: true, lambda: 0.9, policyWeight: 0.01 },
} as const
