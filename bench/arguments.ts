// What `npm run bench` is asked for.

export const help = `npm run bench -- [options]

Measures how fast it trains; nothing is asserted.

  (nothing)      engines and peers on this machine's CPU, into bench/RESULTS.md; some ten minutes
  --quick        measure less of each, and leave bench/RESULTS.md as it is
  --gpu          the engines of a GPU, and onnx beside them: agreement, seconds an epoch at three batch sizes for three
                 recipes, where the time goes; printed alone; under five minutes
  --recipes      the model of every headline row: arithmetic, the machine's limit, items a second with one worker and
                 with all, memory, where the time goes; of mnist, cluttered, fashion and attention also a peer in PyTorch,
                 where SACCADE_PYTHON or python3 has torch (bench/peers/README.md); five rounds in turn, some eight minutes,
                 with PyTorch half an hour; printed alone
  --canvases     what an answer costs on canvases of 60 to 400 pixels a side, by an eye and by networks that see the canvas
                 whole; one core, a minute; printed alone
  --only NAMES   these alone, separated by commas; with --gpu engines (onnx, onnx-cuda, onnx-webgpu, tensorflow), with
                 --recipes recipes (mnist, translated, cluttered, cluttered100, fashion, catch, circle-square, attention)
  --help         this`

/** The engines that `--gpu` looks for, in the order in which they are tried. */
export const gpuEngines = ['onnx-cuda', 'onnx-webgpu', 'tensorflow', 'onnx'] as const

/** The recipes that `--recipes` measures. */
export const recipeNames = [
  'mnist',
  'translated',
  'cluttered',
  'cluttered100',
  'fashion',
  'catch',
  'circle-square',
  'attention',
] as const

/** What was asked for; `error` says what was not understood. */
export type Asked = {
  readonly help: boolean
  readonly quick: boolean
  readonly gpu: boolean
  readonly recipes: boolean
  readonly canvases: boolean
  readonly only: readonly string[]
  readonly error?: string
}

export function parseArguments(words: readonly string[]): Asked {
  const asked = { help: false, quick: false, gpu: false, recipes: false, canvases: false, only: [] as string[] }
  const wrong = (error: string): Asked => ({ ...asked, error })
  for (let i = 0; i < words.length; i++) {
    const [word, given] = words[i]!.split(/=(.*)/s) as [string, string?]
    if (word === '--help' || word === '-h') asked.help = true
    else if (word === '--quick') asked.quick = true
    else if (word === '--gpu') asked.gpu = true
    else if (word === '--recipes') asked.recipes = true
    else if (word === '--canvases') asked.canvases = true
    else if (word === '--only') asked.only.push(...(given ?? words[++i] ?? '').split(',').filter(Boolean))
    else return wrong(`unknown option "${words[i]}"`)
  }
  const parts = (['gpu', 'recipes', 'canvases'] as const).filter((part) => asked[part])
  if (parts.length > 1) return wrong(`--${parts[0]} and --${parts[1]} are two things to measure: ask for one`)
  const known: readonly string[] = asked.gpu ? gpuEngines : asked.recipes ? recipeNames : []
  if (words.some((word) => word.startsWith('--only'))) {
    if (known.length === 0) return wrong('--only goes with --gpu or --recipes')
    const unknown = asked.only.find((name) => !known.includes(name))
    if (asked.only.length === 0 || unknown !== undefined)
      return wrong(`--only: ${unknown === undefined ? 'no name' : `no "${unknown}"`}; there are ${known.join(', ')}`)
  }
  return asked
}
