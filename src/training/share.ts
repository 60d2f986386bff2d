// Memory that the workers of one training share, and the barrier at which they wait for each other. Every sum is taken
// in the order of the workers, so that the same workers give the same bits.

import { UserError } from '../core/errors.ts'

/** The shared memory, as it is handed to a thread. */
export type SharedMemory = {
  readonly size: number
  readonly length: number
  readonly control: SharedArrayBuffer
  readonly numbers: SharedArrayBuffer
  readonly gradients: SharedArrayBuffer
  readonly vector: SharedArrayBuffer
}

const [arrived, generation, aborted] = [0, 1, 2]
const numbersPerWorker = 64
/** How long a worker looks out for the others before it sleeps. */
const patienceMs = 0.5

/** Memory for `size` workers and vectors of `length` numbers. */
export function allocateShare(size: number, length: number): SharedMemory {
  return {
    size,
    length,
    control: new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT),
    numbers: new SharedArrayBuffer(2 * size * numbersPerWorker * Float64Array.BYTES_PER_ELEMENT),
    gradients: new SharedArrayBuffer(size > 1 ? size * length * Float32Array.BYTES_PER_ELEMENT : 0),
    vector: new SharedArrayBuffer(size > 1 ? length * Float32Array.BYTES_PER_ELEMENT : 0),
  }
}

/** Wake every worker that waits at a barrier, for one of them will never come. */
export function abortShare({ control }: SharedMemory): void {
  const words = new Int32Array(control)
  // the flag first: whoever has not yet read the generation will see it, whoever waits is woken by the generation
  Atomics.store(words, aborted, 1)
  Atomics.add(words, generation, 1)
  Atomics.notify(words, generation)
}

/** One worker's view of the shared memory. With a single worker, nothing waits and nothing is copied. */
export class Share {
  readonly size: number
  readonly rank: number
  /** [from, to): the part of the parameters that this worker's optimiser is in charge of. */
  readonly from: number
  readonly to: number
  private readonly memory: SharedMemory
  private readonly control: Int32Array
  private readonly numbers: Float64Array
  /** Which half of the numbers the next sum uses. */
  private half = 0

  constructor(memory: SharedMemory, rank: number) {
    this.memory = memory
    this.size = memory.size
    this.rank = rank
    this.control = new Int32Array(memory.control)
    this.numbers = new Float64Array(memory.numbers)
    ;[this.from, this.to] = part(memory.length, memory.size, rank)
  }

  /** Worker `rank`'s gradient, [length]. */
  gradient(rank: number): Float32Array {
    const { gradients, length } = this.memory
    return new Float32Array(gradients, rank * length * Float32Array.BYTES_PER_ELEMENT, length)
  }

  /** The vector that is put together from the workers' parts, [length]. */
  get vector(): Float32Array {
    return new Float32Array(this.memory.vector)
  }

  /** Wait until every worker has come here. @throws UserError where one of them has died. */
  barrier(): void {
    if (this.size === 1) return
    const { control } = this
    const now = Atomics.load(control, generation)
    if (Atomics.add(control, arrived, 1) === this.size - 1) {
      Atomics.store(control, arrived, 0)
      Atomics.add(control, generation, 1)
      Atomics.notify(control, generation)
    } else {
      // the others are seldom far, and who has gone to sleep takes long to wake
      const patience = performance.now() + patienceMs
      while (Atomics.load(control, generation) === now && performance.now() < patience)
        for (let spin = 0; spin < 500 && Atomics.load(control, generation) === now; spin++);
      while (Atomics.load(control, generation) === now && !Atomics.load(control, aborted))
        Atomics.wait(control, generation, now)
    }
    if (Atomics.load(control, aborted)) throw new UserError('another worker has died; this one stops')
  }

  /** The sums over all workers of a few numbers, in the order of the workers; the same for each. */
  sum(values: readonly number[]): number[] {
    if (this.size === 1) return [...values]
    if (values.length > numbersPerWorker)
      throw new RangeError(`sum: ${values.length} numbers; at most ${numbersPerWorker}`)
    // two halves in turn: nobody can be two sums ahead, so nobody writes numbers that another has yet to read
    const start = this.half * this.size * numbersPerWorker
    this.half = 1 - this.half
    this.numbers.set(values, start + this.rank * numbersPerWorker)
    this.barrier()
    return values.map((_, i) => {
      let total = 0
      for (let rank = 0; rank < this.size; rank++) total += this.numbers[start + rank * numbersPerWorker + i]!
      return total
    })
  }
}

/** [from, to): the rank-th of `size` nearly equal parts of `count` things. */
export function part(count: number, size: number, rank: number): [number, number] {
  return [Math.floor((count * rank) / size), Math.floor((count * (rank + 1)) / size)]
}
