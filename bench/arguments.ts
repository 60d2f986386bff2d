// What `npm run bench` is asked for.

export const help = `npm run bench -- [options]

Measures how fast it trains; nothing is asserted.

  (nothing)      engines and peers on this machine's CPU, into bench/RESULTS.md; some ten minutes
  --quick        measure less of each, and leave bench/RESULTS.md as it is
  --gpu          the engines of a GPU, and onnx beside them: agreement, seconds an epoch at three batch sizes for three
                 recipes, where the time goes; printed alone; under five minutes
  --only NAMES   with --gpu: these engines alone, separated by commas (onnx, onnx-cuda, onnx-webgpu, tensorflow)
  --help         this`

/** The engines that `--gpu` looks for, in the order in which they are tried. */
export const gpuEngines = ['onnx-cuda', 'onnx-webgpu', 'tensorflow', 'onnx'] as const

/** What was asked for; `error` says what was not understood. */
export type Asked = {
  readonly help: boolean
  readonly quick: boolean
  readonly gpu: boolean
  readonly only: readonly string[]
  readonly error?: string
}

export function parseArguments(words: readonly string[]): Asked {
  const asked = { help: false, quick: false, gpu: false, only: [] as string[] }
  const wrong = (error: string): Asked => ({ ...asked, error })
  for (let i = 0; i < words.length; i++) {
    const [word, given] = words[i]!.split(/=(.*)/s) as [string, string?]
    if (word === '--help' || word === '-h') asked.help = true
    else if (word === '--quick') asked.quick = true
    else if (word === '--gpu') asked.gpu = true
    else if (word === '--only') asked.only.push(...(given ?? words[++i] ?? '').split(',').filter(Boolean))
    else return wrong(`unknown option "${words[i]}"`)
  }
  if (words.some((word) => word.startsWith('--only')) && asked.only.length === 0) return wrong('--only: name an engine')
  const unknown = asked.only.find((name) => !(gpuEngines as readonly string[]).includes(name))
  if (unknown) return wrong(`--only: no engine "${unknown}"; there are ${gpuEngines.join(', ')}`)
  if (asked.only.length > 0 && !asked.gpu) return wrong('--only goes with --gpu')
  return asked
}
