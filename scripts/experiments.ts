// The rows of the paper's tables, as experiments: what to train, with which seeds, and what there is to compare with.
// Recipes are the environments' defaults; the flags here say only what the row itself says. Errors are percent on the
// test images. Paper: Mnih et al. 2014, NIPS edition and arXiv edition (1406.6247v1), whose tables differ.

/** How a published figure was made. `unclear` where its author does not say. */
export type Protocol = 'greedy' | 'sampled' | 'averaged' | 'whole image' | 'unclear'

/** What somebody else reached, in percent. */
export type Published = {
  readonly error: number
  readonly by: string
  readonly how: Protocol
  /** What is not alike, where something is not. */
  readonly but?: string
}

/** One row. */
export type Experiment = {
  readonly name: string
  readonly title: string
  /** Flags of the train command. */
  readonly flags: string
  readonly seeds: readonly number[]
  /** The paper's figures, by edition. */
  readonly paper: { readonly nips?: number; readonly arxiv?: number }
  readonly others: readonly Published[]
  /** Where it stands: among the worlds of the paper and what is like them, or those after it. */
  readonly table: 'paper' | 'later'
}

const three = [0, 1, 2]
const random = '--algorithm random'
const centre = '--algorithm centre'
const raster = '--algorithm raster'
const short = '--epochs 20'
/** Trained before the recipe had weight decay. */
const undecayed = '--environment MNIST --weight-decay 0'
const whole28 = `${undecayed} --glimpses 1 --glimpse-side 28 --start centre --epochs 50`
const whole60 = '--glimpses 1 --glimpse-side 60 --scales 1 --start centre --epochs 100'
const translated = '--environment TranslatedMNIST'
const cluttered = '--environment ClutteredMNIST'
/** Every look judged by a critic, in place of the recipe's reward to go. */
const critic = '--algorithm a2c --normalise-advantages --lambda 0.9 --policy-weight 0.01'
/** From an eye that finds a digit where nothing else is; wide looks at first, for it to learn what else there is. */
const fromTranslated = `--from zoo:translated-8 --start centre ${critic} --std 0.2`
/** Twice the default's units, in batches of 1,024. */
const wide = '--hidden-units 512 --what-units 256 --policy-weight 0.1 --batch-size 1024 --learning-rate 0.0015'
const canvas100 = `${cluttered} --canvas-side 100`
const cluttered100 = `${canvas100} --clutter 8 --scales 4`

type More = Partial<Pick<Experiment, 'paper' | 'others' | 'seeds' | 'table'>>

const row = (
  name: string,
  title: string,
  flags: string,
  { paper = {}, others = [], seeds = [0], table = 'paper' }: More = {},
): Experiment => ({ name, title, flags, paper, others, seeds, table })

const by = (error: number, who: string, how: Protocol, but?: string): Published => ({
  ...{ error, by: who, how },
  ...(but !== undefined && { but }),
})

const dHonerkamp = by(0.67, 'dHonerkamp', 'unclear', 'its code logs one rollout and ten averaged')
const kevinzakka = by(0.8, 'kevinzakka PR 32', 'sampled', '0.8 to 1.2 by seed')

// biome-ignore format: a table
const paperRows: readonly Experiment[] = [
  row('mnist-6', 'MNIST 28x28, 6 glimpses 8x8, trained on distorted digits', '--environment MNIST --weight-decay 0.1', { paper: { nips: 1.12, arxiv: 1.29 }, others: [kevinzakka, dHonerkamp, by(1.08, 'bentrevett', 'unclear')], seeds: three }),
  row('mnist-6-wide', 'MNIST 28x28, 6 glimpses 8x8, twice as many units', `${undecayed} --hidden-units 512 --what-units 256 --epochs 120 --policy-weight 0.1`, { paper: { nips: 1.12, arxiv: 1.29 }, others: [kevinzakka, dHonerkamp], seeds: three }),
  row('mnist-6-1024', 'MNIST 28x28, 6 glimpses 8x8, twice as many units, batches of 1,024', `${undecayed} ${wide} --epochs 175`, { paper: { nips: 1.12, arxiv: 1.29 }, others: [kevinzakka, dHonerkamp], seeds: three }),
  row('mnist-6-plain', 'MNIST 28x28, 6 glimpses 8x8, digits as they are', `${undecayed} --distortion 0 --epochs 100`, { paper: { nips: 1.12, arxiv: 1.29 }, others: [kevinzakka, dHonerkamp] }),
  row('mnist-2', 'MNIST, 2 glimpses', `${undecayed} --glimpses 2`, { paper: { nips: 3.79, arxiv: 6.27 }, others: [by(2.34, 'a PyTorch README', 'unclear')] }),
  row('mnist-2-centre-start', 'MNIST, 2 glimpses, the first at the centre', `${undecayed} --glimpses 2 --start centre --algorithm rloo --rollouts 4 --policy-weight 1 --std 0.5 --final-std 0.05 --hidden-units 384 --what-units 256 --epochs 80`, { paper: { nips: 3.79, arxiv: 6.27 }, others: [by(2.34, 'a PyTorch README', 'unclear')] }),
  row('mnist-4', 'MNIST, 4 glimpses', `${undecayed} --glimpses 4`, { paper: { nips: 1.54, arxiv: 1.73 }, others: [by(1.07, 'dHonerkamp', 'unclear')] }),
  row('mnist-4-1024', 'MNIST, 4 glimpses, twice as many units, batches of 1,024', `${undecayed} --glimpses 4 ${wide} --epochs 150`, { paper: { nips: 1.54, arxiv: 1.73 }, others: [by(1.07, 'dHonerkamp', 'unclear')] }),
  row('mnist-7', 'MNIST, 7 glimpses', `${undecayed} --glimpses 7`, { paper: { nips: 1.07 }, others: [by(0.85, 'torch', 'unclear', '853 epochs')] }),
  row('mnist-6-random', 'MNIST, 6 glimpses, random policy', `${undecayed} ${random}`),
  row('mnist-6-centre', 'MNIST, 6 glimpses, centre only', `${undecayed} ${centre}`),
  row('mnist-connected-64', 'MNIST, fully connected 2x64', `${whole28} --agent connected --units 64`),
  row('mnist-connected-256', 'MNIST, fully connected 2x256', `${whole28} --agent connected --units 256`, { paper: { nips: 1.69 } }),
  row('mnist-convolutional', 'MNIST, convolutional', `${whole28} --agent convolutional`, { paper: { nips: 1.21 } }),
  row('translated-4', 'Translated 60x60, 4 glimpses 12x12, 3 scales', `${translated} --glimpses 4`, { paper: { nips: 1.54, arxiv: 2.29 }, others: [by(1.54, 'slundqui', 'sampled')] }),
  row('translated-8', 'Translated 60x60, 8 glimpses 12x12, 3 scales', translated, { paper: { nips: 1.2, arxiv: 1.84 }, others: [by(0.94, 'slundqui', 'sampled'), by(0.92, 'torch', 'unclear')] }),
  row('translated-8-centre-start', 'Translated 60x60, 8 glimpses, the first at the centre', `${translated} --start centre --epochs 90`, { paper: { nips: 1.2, arxiv: 1.84 }, seeds: three, others: [by(0.94, 'slundqui', 'sampled'), by(0.92, 'torch', 'unclear')] }),
  row('translated-random', 'Translated, 8 glimpses, random policy', `${translated} ${random}`),
  row('translated-connected-256', 'Translated, fully connected 2x256', `${translated} ${whole60} --agent connected`, { paper: { nips: 2.63 } }),
  row('translated-convolutional', 'Translated, convolutional', `${translated} ${whole60} --agent convolutional`, { paper: { nips: 1.62 } }),
  row('cluttered-4', 'Cluttered 60x60, 4 pieces, 4 glimpses, the first at the centre; from the agent of the translated world', `${cluttered} --glimpses 4 ${fromTranslated} --epochs 60`, { paper: { nips: 4.96 } }),
  row('cluttered-8', 'Cluttered 60x60, 4 pieces, 8 glimpses', cluttered, { paper: { nips: 4.04, arxiv: 5.23 }, others: [by(2.63, 'slundqui', 'sampled'), by(2.13, 'bentrevett', 'averaged', 'of log-probabilities; epoch chosen on the test set, digit pasted over the clutter')] }),
  row('cluttered-8-from-translated', 'Cluttered 60x60, 4 pieces, 8 glimpses, the first at the centre; from the agent of the translated world', `${cluttered} ${fromTranslated} --epochs 100`, { paper: { nips: 4.04, arxiv: 5.23 }, others: [by(2.63, 'slundqui', 'sampled')] }),
  row('cluttered-8-short', 'Cluttered 60x60, 8 glimpses, as briefly as the controls', `${cluttered} ${short}`),
  row('cluttered-random', 'Cluttered 60x60, 8 glimpses, random policy', `${cluttered} ${random} ${short}`, { paper: { nips: 14.4 } }),
  row('cluttered-centre', 'Cluttered 60x60, 8 glimpses, centre only', `${cluttered} ${centre} ${short}`),
  row('cluttered-raster', 'Cluttered 60x60, 8 glimpses, raster', `${cluttered} ${raster} ${short}`),
  row('cluttered-connected-256', 'Cluttered 60x60, fully connected 2x256', `${cluttered} ${whole60} --agent connected`, { paper: { nips: 11.96 } }),
  row('cluttered-convolutional', 'Cluttered 60x60, convolutional', `${cluttered} ${whole60} --agent convolutional`, { paper: { nips: 8.09 } }),
  row('cluttered100-8', 'Cluttered 100x100, 8 pieces, 8 glimpses, 4 scales', `${cluttered100} ${critic} --epochs 100`, { paper: { nips: 8.11, arxiv: 10.83 }, others: [by(5.9, 'slundqui', 'sampled'), by(3.36, 'DRAW', 'unclear', 'soft attention, sees the whole image'), by(0.92, 'a CNN of 6 convolutions', 'whole image')] }),
  row('cluttered100-8-longer', 'Cluttered 100x100, 8 pieces, 8 glimpses, 4 scales; 50 epochs more, from the agent of that row', `${cluttered100} --from zoo:cluttered-100 ${critic} --std 0.1 --epochs 50`, { paper: { nips: 8.11, arxiv: 10.83 }, others: [by(5.9, 'slundqui', 'sampled'), by(3.36, 'DRAW', 'unclear', 'soft attention, sees the whole image')] }),
  row('cluttered100-4-pieces', 'Cluttered 100x100, 4 pieces, 8 glimpses, 4 scales; from the agent of 8 pieces', `${canvas100} --clutter 4 --scales 4 --from zoo:cluttered-100 ${critic} --std 0.1 --epochs 20`, { others: [by(2.68, 'PrincipalComponent, RAM', 'unclear'), by(1.71, 'PrincipalComponent, DRAM', 'unclear')] }),
  row('cluttered100-deep', 'Cluttered 100x100, 8 pieces, six convolutions over the whole image', `${canvas100} --clutter 8 --glimpses 1 --glimpse-side 100 --scales 1 --start centre --agent deep-convolutional --filters 8 --epochs 12`, { others: [by(0.92, 'a CNN of 6 convolutions', 'whole image')] }),
  row('cluttered100-random', 'Cluttered 100x100, 8 glimpses, random policy', `${cluttered100} ${random} ${short}`, { paper: { nips: 28.4 } }),
  row('cluttered100-centre', 'Cluttered 100x100, 8 glimpses, centre only', `${cluttered100} ${centre} ${short}`),
  row('cluttered100-raster', 'Cluttered 100x100, 8 glimpses, raster', `${cluttered100} ${raster} ${short}`),
  row('fashion-6', 'Fashion-MNIST 28x28, 6 glimpses 14x14, 2 scales', '--environment FashionMNIST --weight-decay 0.1', { others: [by(8.21, 'MRAM', 'unclear', '12 glimpses')] }),
  row('catch', 'Catch 24x24, 6x6 at 3 scales (missed, %)', '--environment Catch --epochs 130', { paper: { nips: 15 }, others: [by(11, 'public code', 'unclear')] }),
]

const circleSquare = '--environment CircleSquare'
const hunt = '--environment Hunt'
const apple = (error: number, agent: string, steps: string): Published => by(error, `APPLE, ${agent}`, 'unclear', steps)
const later = (name: string, title: string, flags: string, more: More = {}): Experiment =>
  row(name, title, flags, { seeds: three, table: 'later', ...more })

// biome-ignore format: a table
const laterRows: readonly Experiment[] = [
  later('circle-square', 'CircleSquare, rules of ap_gym', circleSquare, { seeds: [0, 1, 2, 3, 4], others: [apple(0.9, 'CrossQ, transformer', '1 M steps'), apple(3.3, 'CrossQ, transformer', '0.25 M'), apple(5.3, 'SAC', '0.25 M'), apple(18.5, 'CrossQ, LSTM', '1 M'), apple(21.4, 'PPO', '10 M'), by(48.2, 'HAM', 'unclear', '10 M'), by(26.7, 'APPLE, grid', 'unclear')] }),
  later('circle-square-random', 'CircleSquare, random policy', `${circleSquare} ${random}`),
  later('circle-square-raw', 'CircleSquare, glimpses as they are', `${circleSquare} --glimpse-input raw --glimpse-gain 1`),
  later('circle-square-gain', 'CircleSquare, glimpses times 8, not centred', `${circleSquare} --glimpse-input raw`),
  later('circle-square-centred', 'CircleSquare, glimpses centred, not amplified', `${circleSquare} --glimpse-gain 1`),
  later('circle-square-plain', 'CircleSquare, advantages not normalised', `${circleSquare} --no-normalise-advantages`),
  later('circle-square-dark', 'CircleSquare without the gradient', `${circleSquare} --no-gradient --epochs 30`),
  later('circle-square-inverted', 'CircleSquare, names exchanged in half of the episodes, told at the first step', `${circleSquare} --invert-labels --epochs 30`),
  later('circle-square-sparse', 'CircleSquare, the last prediction alone is paid', `${circleSquare} --reward sparse --epochs 30`, { others: [apple(2.4, 'SAC', '0.25 M steps'), apple(7.3, 'CrossQ', '0.25 M')] }),
  later('mnist-pairs', 'MNISTPairs, two digits on 100x100, both to be named; from the agent of the cluttered world', '--environment MNISTPairs --from zoo:cluttered-100 --epochs 30', { others: [by(9, 'Ba et al. 2015, RAM', 'unclear'), by(5, 'Ba et al. 2015, DRAM', 'unclear')] }),
  later('mnist-addition', 'MNISTAddition, the sum of two digits on 100x100; from the agent of the pairs', '--environment MNISTAddition --from zoo:mnist-pairs --epochs 60', { seeds: [0], others: [by(2.5, 'Ba et al. 2015, DRAM', 'unclear'), by(3.2, 'Ba et al. 2015, a CNN', 'whole image')] }),
  later('mnist-locate', 'MNISTLocate, rules of ap_gym: mean distance in half images', '--environment MNISTLocate', { seeds: [0] }),
  later('mnist-locate-random', 'MNISTLocate, random moves', `--environment MNISTLocate ${random}`, { seeds: [0] }),
  later('cifar10-moves', 'CIFAR10-moves, rules of ap_gym', '--environment CIFAR10-moves --hidden-units 256 --feature-units 256 --what-units 256 --mirror --batch-size 64 --epochs 20', { others: [by(23.6, 'APPLE, SAC', 'unclear'), by(33.2, 'APPLE, random walk', 'unclear')] }),
  later('cifar10', 'CIFAR-10 32x32, 6 glimpses 8x8, 3 scales, the first at the centre', '--environment CIFAR10 --scales 3 --start centre --glimpse-input centred --glimpse-gain 4 --distortion 0.6 --mirror --what-filters 96 --what-units 384 --hidden-units 384 --feature-units 384 --batch-size 64 --weight-decay 0.1 --epochs 36', { seeds: [0], others: [by(33.4, 'dHonerkamp', 'unclear', '4 to 6 glimpses, convolutions')] }),
  later('hunt', 'Hunt, one T among 40 Ls on 1024x1024, 16 glimpses', hunt, { seeds: [0] }),
  later('hunt-random', 'Hunt, random policy', `${hunt} ${random} --epochs 10`, { seeds: [0] }),
]

/** All rows, in the order of the tables. */
export const experiments: readonly Experiment[] = [...paperRows, ...laterRows]
