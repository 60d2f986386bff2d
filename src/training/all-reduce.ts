// Memory that the workers of one training share, and the barrier at which they wait for each other. Every batch is cut into
// shards; whichever worker is free takes the next one, and every sum is taken in the order of the shards, so that the same
// shards give the same bits on any number of workers.

import { UserError } from '../core/errors.ts'

/** The shared memory, as it is handed to a thread. */
export type SharedMemory = {
  /** Workers. */
  readonly size: number
  readonly shards: number
  readonly length: number
  readonly control: ArrayBufferLike
  readonly numbers: ArrayBufferLike
  readonly gradients: ArrayBufferLike
}

const [arrived, generation, aborted, ticket] = [0, 1, 2, 3]
const numbersPerShard = 64
/** Two, in turn: nobody can be two sums ahead, so nobody writes what another has yet to read. */
const halves = 2
/** How long a worker looks out for the others before it sleeps. */
const patienceMs = 0.5

/**
 * Memory for `size` workers, `shards` shards of a batch, and vectors of `length` numbers. Of one worker it is its own, for a
 * page that is not isolated has none to share.
 */
export function allocateShared(size: number, length: number, shards: number = size): SharedMemory {
  const memory = (bytes: number): ArrayBufferLike => (size > 1 ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes))
  return {
    ...{ size, shards, length },
    control: memory(4 * Int32Array.BYTES_PER_ELEMENT),
    numbers: memory(halves * shards * numbersPerShard * Float64Array.BYTES_PER_ELEMENT),
    gradients: memory(shards > 1 ? halves * shards * length * Float32Array.BYTES_PER_ELEMENT : 0),
  }
}

/** Wake every worker that waits at a barrier, for one of them will never come. */
export function abortShared({ control }: SharedMemory): void {
  const words = new Int32Array(control)
  // the flag first: whoever has not yet read the generation will see it, whoever waits is woken by the generation
  Atomics.store(words, aborted, 1)
  Atomics.add(words, generation, 1)
  Atomics.notify(words, generation)
}

/** One worker's view of the shared memory. With a single worker, nothing waits and nothing is copied. */
export class AllReduce {
  readonly size: number
  readonly shards: number
  readonly rank: number
  /** Whether the workers share the sum of the gradients (`total`): two have it sooner each by itself, of more each would read what all have made. */
  readonly sumsTogether: boolean
  private readonly memory: SharedMemory
  private readonly control: Int32Array
  private readonly numbers: Float64Array
  /** Which half of the numbers the next sum uses, and which of the gradients. */
  private half = 0
  private gradientHalf = 0
  /** The first ticket of this batch: each worker draws one in vain. */
  private firstTicket = 0

  constructor(memory: SharedMemory, rank: number) {
    this.memory = memory
    this.size = memory.size
    this.shards = memory.shards
    this.rank = rank
    this.sumsTogether = memory.size > 2
    this.control = new Int32Array(memory.control)
    this.numbers = new Float64Array(memory.numbers)
  }

  /** Where shard `shard`'s gradient lies for all, [length]. */
  gradient(shard: number): Float32Array {
    const { gradients, length, shards } = this.memory
    const place = this.gradientHalf * shards + shard
    return new Float32Array(gradients, place * length * Float32Array.BYTES_PER_ELEMENT, length)
  }

  /** Wait until all gradients are there; they stay until the next wait but one. */
  gather(): Float32Array[] {
    this.barrier()
    const all = Array.from({ length: this.shards }, (_, shard) => this.gradient(shard))
    this.gradientHalf = 1 - this.gradientHalf
    return all
  }

  /** The gradients' sum in the order of the shards, [length]: each worker adds up a part. It stays until the next wait but one. */
  total(): Float32Array {
    const [total, ...others] = this.gather()
    const [from, to] = shardRange(this.memory.length, this.size, this.rank)
    for (const other of others) for (let i = from; i < to; i++) total![i]! += other[i]!
    this.barrier()
    return total!
  }

  /** The next shard of the batch that nobody has taken; undefined where all are, which ends the batch for this worker. */
  takeShard(): number | undefined {
    const shard = (Atomics.add(this.control, ticket, 1) - this.firstTicket) | 0
    if (shard < this.shards) return shard
    this.firstTicket = (this.firstTicket + this.shards + this.size) | 0
    return undefined
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

  /**
   * The sums over all shards of a few numbers, in the order of the shards; the same for each worker. Every worker gives
   * those of its shards; together they give all.
   */
  sumShards(own: readonly (readonly [shard: number, values: readonly number[]])[]): number[] {
    const longest = Math.max(0, ...own.map(([, values]) => values.length))
    if (longest > numbersPerShard) throw new RangeError(`sum: ${longest} numbers; at most ${numbersPerShard}`)
    const half = this.numbers.length / halves
    const start = this.half * half
    this.half = 1 - this.half
    for (const [shard, values] of own) {
      const at = start + shard * numbersPerShard
      this.numbers.fill(0, at, at + numbersPerShard)
      this.numbers.set(values, at)
    }
    this.barrier()
    const sums: number[] = []
    for (let i = 0; i < numbersPerShard; i++) {
      let total = 0
      for (let shard = 0; shard < this.shards; shard++) total += this.numbers[start + shard * numbersPerShard + i]!
      sums.push(total)
    }
    return sums
  }
}

/** [from, to): the k-th of `shards` nearly equal parts of `count` things. */
export function shardRange(count: number, shards: number, k: number): [number, number] {
  return [Math.floor((count * k) / shards), Math.floor((count * (k + 1)) / shards)]
}
