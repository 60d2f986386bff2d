// A WebAssembly module of one function over memory that is given to it, written byte by byte: as much of the binary format
// (WebAssembly Core Specification 2.0, chapter 5) as loops over float32 vectors and matrices need.

/** Memory that a module may be given. */
export type Memory = { readonly buffer: ArrayBuffer }

/** The function of a module. */
export type Run = (...numbers: number[]) => void

/** The part of the WebAssembly interface that is used; its types come only with a browser's. */
export const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => Memory
    validate(bytes: Uint8Array<ArrayBuffer>): boolean
    readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
    readonly Instance: new (
      module: object,
      imports: { readonly host: { readonly memory: Memory } },
    ) => { readonly exports: { readonly run: Run } }
  }
}

/** Types of locals. */
const types = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const
export type LocalType = keyof typeof types

/** Instructions without operands, by the names of the text format. */
const plain = {
  end: [0x0b],
  'i32.add': [0x6a],
  'i32.sub': [0x6b],
  'i32.lt_u': [0x49],
  'i32.ge_u': [0x4f],
  'f32.abs': [0x8b],
  'f32.neg': [0x8c],
  'f32.sqrt': [0x91],
  'f32.add': [0x92],
  'f32.sub': [0x93],
  'f32.mul': [0x94],
  'f32.div': [0x95],
  'f32.min': [0x96],
  'f32.max': [0x97],
  'f64.add': [0xa0],
  'f32.demote_f64': [0xb6],
  'f64.promote_f32': [0xbb],
  'f32x4.splat': [0xfd, 0x13],
  'f64x2.promote_low_f32x4': [0xfd, 0x5f],
  'f32x4.abs': [0xfd, 0xe0, 0x01],
  'f32x4.neg': [0xfd, 0xe1, 0x01],
  'f32x4.sqrt': [0xfd, 0xe3, 0x01],
  'f32x4.add': [0xfd, 0xe4, 0x01],
  'f32x4.sub': [0xfd, 0xe5, 0x01],
  'f32x4.mul': [0xfd, 0xe6, 0x01],
  'f32x4.div': [0xfd, 0xe7, 0x01],
  'f32x4.min': [0xfd, 0xe8, 0x01],
  'f32x4.max': [0xfd, 0xe9, 0x01],
  'f64x2.add': [0xfd, 0xf0, 0x01],
  'f32x4.relaxed_madd': [0xfd, 0x85, 0x02],
} as const
export type Instruction = keyof typeof plain

/** Loads and stores of unaligned addresses. */
const access = {
  'f32.load': [0x2a],
  'f32.store': [0x38],
  'v128.load': [0xfd, 0x00],
  'v128.load32_splat': [0xfd, 0x09],
  'v128.store': [0xfd, 0x0b],
} as const

/** The body of a function that takes addresses and other whole numbers, as it is being written. */
export class FunctionBody {
  readonly #parameters: number
  readonly #locals: LocalType[] = []
  readonly #code: number[] = []

  constructor(parameters: number) {
    this.#parameters = parameters
  }

  /** A new local, zero at first; its index. Indices below the number of parameters are the parameters. */
  local(type: LocalType): number {
    this.#locals.push(type)
    return this.#parameters + this.#locals.length - 1
  }

  do(...instructions: Instruction[]): this {
    for (const instruction of instructions) this.#code.push(...plain[instruction])
    return this
  }

  get(local: number): this {
    return this.#emit(0x20, ...unsigned(local))
  }

  set(local: number): this {
    return this.#emit(0x21, ...unsigned(local))
  }

  /** Set, and leave the value on the stack. */
  tee(local: number): this {
    return this.#emit(0x22, ...unsigned(local))
  }

  /** Add to a local what is another's or a number of bytes. */
  advance(local: number, by: { readonly local: number } | { readonly bytes: number }): this {
    this.get(local)
    return ('local' in by ? this.get(by.local) : this.integer(by.bytes)).do('i32.add').set(local)
  }

  /** Take 1 from a local, and leave what is left on the stack. */
  countDown(local: number): this {
    return this.get(local).integer(1).do('i32.sub').tee(local)
  }

  integer(value: number): this {
    return this.#emit(0x41, ...signed(value))
  }

  float(value: number): this {
    return this.#emit(0x43, ...new Uint8Array(Float32Array.of(value).buffer))
  }

  /** @param offset bytes after the address on the stack */
  access(instruction: keyof typeof access, offset = 0): this {
    return this.#emit(...access[instruction], 0, ...unsigned(offset))
  }

  /** The upper two lanes of the value on the stack, into the lower two. */
  upperHalf(local: number): this {
    const lanes = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]
    return this.get(local)
      .get(local)
      .#emit(0xfd, 0x0d, ...lanes)
  }

  /** Lane 0 or 1 of a pair of float64. */
  lane(index: number): this {
    return this.#emit(0xfd, 0x21, index)
  }

  /** Repeat `body`, which must advance `counter`, while it is below `limit`. */
  while(counter: number, limit: number, body: () => void): this {
    this.#emit(0x02, 0x40, 0x03, 0x40).get(counter).integer(limit).do('i32.ge_u').#emit(0x0d, 1)
    body()
    return this.#emit(0x0c, 0).do('end', 'end')
  }

  /** Do `body` at least once, and again as long as it leaves a number other than 0 on the stack. */
  repeat(body: () => void): this {
    this.#emit(0x03, 0x40)
    body()
    return this.#emit(0x0d, 0).do('end')
  }

  /** The module, whose function is exported as `run` and whose memory is imported as `memory` from `host`. */
  module(): Uint8Array<ArrayBuffer> {
    const parameters = new Array<number>(this.#parameters).fill(types.i32)
    const locals = this.#locals.map((type) => [1, types[type]])
    const body = [...vector(locals), ...this.#code, ...plain.end]
    return Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, vector([[0x60, ...vector(parameters.map((type) => [type])), ...vector([])]])),
      ...section(2, vector([[...text('host'), ...text('memory'), 0x02, 0x00, 0]])),
      ...section(3, vector([[0]])),
      ...section(7, vector([[...text('run'), 0x00, 0]])),
      ...section(10, vector([[...unsigned(body.length), ...body]])),
    ])
  }

  /** Whether this machine knows every instruction. */
  valid(): boolean {
    return WebAssembly.validate(this.module())
  }

  /** The function, over a memory. */
  over(memory: Memory): Run {
    return new WebAssembly.Instance(new WebAssembly.Module(this.module()), { host: { memory } }).exports.run
  }

  #emit(...bytes: number[]): this {
    this.#code.push(...bytes)
    return this
  }
}

const section = (id: number, content: number[]): number[] => [id, ...unsigned(content.length), ...content]
const vector = (elements: readonly (readonly number[])[]): number[] => [
  ...unsigned(elements.length),
  ...elements.flat(),
]
const text = (name: string): number[] => vector([...new TextEncoder().encode(name)].map((byte) => [byte]))

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}

/** LEB128 with a sign. */
function signed(value: number): number[] {
  if (value >= -0x40 && value < 0x40) return [value & 0x7f]
  return [(value & 0x7f) | 0x80, ...signed(value >> 7)]
}
