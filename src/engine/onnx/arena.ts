// Memory that both ONNX Runtime and loops of our own can reach: one WebAssembly memory, handed out from the start to the
// end and given back as a whole. It never grows, for that would take the arrays away that lie in it.

import { type Memory, WebAssembly } from '../webassembly.ts'

const bytesPerPage = 65536
const alignment = 64

/** 256 MB of addresses; a page takes memory only once it is written to. */
const pages = 4096

export class Arena {
  readonly memory: Memory
  #used = 0

  private constructor(memory: Memory) {
    this.memory = memory
  }

  /** An empty one; undefined where the system has no such range of addresses to give. */
  static create(): Arena | undefined {
    try {
      return new Arena(new WebAssembly.Memory({ initial: pages, maximum: pages }))
    } catch {
      return undefined
    }
  }

  /** Whether there is room for arrays of so many elements. */
  has(lengths: readonly number[]): boolean {
    const needed = lengths.reduce((sum, length) => sum + spaceOf(length), 0)
    return this.#used + needed <= pages * bytesPerPage
  }

  /** An array of zeros; undefined where there is no room left. */
  allocate(length: number): Float32Array | undefined {
    if (!this.has([length])) return undefined
    const array = new Float32Array(this.memory.buffer, this.#used, length)
    this.#used += spaceOf(length)
    return array
  }
}

const spaceOf = (length: number): number => Math.ceil((length * Float32Array.BYTES_PER_ELEMENT) / alignment) * alignment
