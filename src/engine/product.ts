// The product of two float32 matrices in WebAssembly. Both are first packed: the left one in blocks of four rows, the right
// one in panels of eight columns, each so that the innermost loop reads straight on, whichever way the matrix lay in
// memory. That loop holds a tile of four by eight sums in eight registers, and does nothing but multiply and add to them, at once
// where WebAssembly has an instruction for it (V8 from 11.4: Node 22, Chrome 114): then it differs in the last digit.

import { FunctionBody, type Memory } from './webassembly.ts'

/** Rows of a block and columns of a panel: with the operands, as many registers as there are. */
const blockRows = 4
const panelColumns = 8
const lanes = 4
const float = Float32Array.BYTES_PER_ELEMENT

/** A matrix somewhere in the memory. */
export type Matrix = {
  /** Of its first element, in bytes. */
  readonly address: number
  /** Whether its columns lie one after the other, instead of its rows. */
  readonly transposed: boolean
}

/** Whoever owns the memory. */
export type Owner = {
  readonly memory: Memory
  /** Room for so many bytes; its address. */
  allocate(bytes: number): number
  free(address: number): void
}

/** Writes left [M, K] times right [K, N] to the address `out`, [M, N]. M, K, N: at least 1. */
export type Multiply = (left: Matrix, right: Matrix, out: number, sizes: readonly [number, number, number]) => void

/** Whether this machine multiplies and adds in one instruction, of WebAssembly's relaxed SIMD. */
export const fuses = (): boolean => tilesBody(true).valid()

/**
 * Matrix products in an owner's memory.
 * @param fused whether to multiply and add in one instruction: rounded once, where the processor has such a one
 */
export function productIn(owner: Owner, fused = fuses()): Multiply {
  const { memory } = owner
  const packBlocks = packerOf(blockRows, memory)
  const packPanels = packerOf(panelColumns, memory)
  const tiles = tilesBody(fused).over(memory)
  let scratch = { address: 0, bytes: 0 }

  /** Room that is kept from one product to the next. */
  function reserve(bytes: number): number {
    if (bytes > scratch.bytes) {
      if (scratch.bytes > 0) owner.free(scratch.address)
      scratch = { address: owner.allocate(bytes), bytes }
    }
    return scratch.address
  }

  return (left, right, out, [rows, depth, columns]) => {
    const paddedRows = roundUp(rows, blockRows)
    const paddedColumns = roundUp(columns, panelColumns)
    const whole = paddedRows === rows && paddedColumns === columns
    const [leftBytes, rightBytes] = [paddedRows * depth * float, paddedColumns * depth * float]
    const blocks = reserve(leftBytes + rightBytes + (whole ? 0 : paddedRows * paddedColumns * float))
    const panels = blocks + leftBytes
    const tiled = whole ? out : panels + rightBytes
    packBlocks({ ...left, count: rows, along: !left.transposed }, depth, blocks)
    packPanels({ ...right, count: columns, along: right.transposed }, depth, panels)
    tiles(blocks, panels, tiled, paddedRows / blockRows, paddedColumns / panelColumns, depth, paddedColumns * float)
    if (whole) return
    const floats = new Float32Array(memory.buffer)
    const [from, to] = [tiled / float, out / float]
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        floats[to + row * columns + column] = floats[from + row * paddedColumns + column]!
  }
}

/** `count` vectors of a matrix, rows of the left or columns of the right one; `along`: each lies in one piece. */
type Vectors = { readonly address: number; readonly count: number; readonly along: boolean }

/** Lays `width` vectors side by side, [depth, width], then the next so many; zeros beyond the last. */
function packerOf(width: number, memory: Memory): (from: Vectors, depth: number, to: number) => void {
  const across = packBody(width, true).over(memory)
  const along = packBody(width, false).over(memory)
  return (from, depth, to) => {
    const [step, next] = from.along ? [depth * float, float] : [float, from.count * float]
    const whole = Math.floor(from.count / width)
    if (whole > 0) (from.along ? along : across)(from.address, to, whole, depth, step, next)
    const rest = from.count - whole * width
    if (rest === 0) return
    const floats = new Float32Array(memory.buffer)
    const [first, start] = [(from.address + whole * width * step) / float, to / float + whole * width * depth]
    for (let k = 0; k < depth; k++)
      for (let i = 0; i < width; i++)
        floats[start + k * width + i] = i < rest ? floats[first + (i * step + k * next) / float]! : 0
  }
}

/**
 * Pack `groups` groups of `width` vectors of `depth` numbers.
 * @param across whether the numbers of a group at one depth lie side by side, and can be moved four at a time
 */
function packBody(width: number, across: boolean): FunctionBody {
  const [from, to, groups, depth, step, next] = [0, 1, 2, 3, 4, 5]
  const body = new FunctionBody(6)
  const [k, start, at] = [body.local('i32'), body.local('i32'), body.local('i32')]
  return body.repeat(() => {
    body.get(depth).set(k).get(from).set(start)
    body.repeat(() => {
      body.get(start).set(at)
      if (across)
        for (let i = 0; i < width; i += lanes)
          body
            .get(to)
            .get(at)
            .access('v128.load', i * float)
            .access('v128.store', i * float)
      else
        for (let i = 0; i < width; i++) {
          body
            .get(to)
            .get(at)
            .access('f32.load')
            .access('f32.store', i * float)
          body.advance(at, { local: step })
        }
      body.advance(to, { bytes: width * float })
      body.advance(start, { local: next })
      body.countDown(k)
    })
    for (let i = 0; i < width; i++) body.advance(from, { local: step })
    body.countDown(groups)
  })
}

/** All tiles of a product, panel by panel, which then stays in the cache while the blocks go by. */
function tilesBody(fused: boolean): FunctionBody {
  const [blocks, panels, out, blockCount, panelCount, depth, stride] = [0, 1, 2, 3, 4, 5, 6]
  const body = new FunctionBody(7)
  const [block, left, right, row, k] = [
    body.local('i32'),
    body.local('i32'),
    body.local('i32'),
    body.local('i32'),
    body.local('i32'),
  ]
  const across = panelColumns / lanes
  const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
  const sums = range(blockRows).map(() => range(across).map(() => body.local('v128')))
  const operands = range(across).map(() => body.local('v128'))
  const factor = body.local('v128')

  return body.repeat(() => {
    body.get(blocks).set(left).get(out).set(row).get(blockCount).set(block)
    body.repeat(() => {
      for (const sum of sums.flat()) body.float(0).do('f32x4.splat').set(sum)
      body.get(panels).set(right).get(depth).set(k)
      body.repeat(() => {
        for (const [q, operand] of operands.entries())
          body
            .get(right)
            .access('v128.load', q * lanes * float)
            .set(operand)
        for (const [r, ofRow] of sums.entries()) {
          body
            .get(left)
            .access('v128.load32_splat', r * float)
            .set(factor)
          for (const [q, sum] of ofRow.entries()) {
            body.get(factor).get(operands[q]!)
            if (fused) body.get(sum).do('f32x4.relaxed_madd').set(sum)
            else body.do('f32x4.mul').get(sum).do('f32x4.add').set(sum)
          }
        }
        body.advance(right, { bytes: panelColumns * float })
        body.advance(left, { bytes: blockRows * float })
        body.countDown(k)
      })
      for (const ofRow of sums) {
        for (const [q, sum] of ofRow.entries())
          body
            .get(row)
            .get(sum)
            .access('v128.store', q * lanes * float)
        body.advance(row, { local: stride })
      }
      body.countDown(block)
    })
    body.get(right).set(panels) // the next panel lies behind this one
    body.advance(out, { bytes: panelColumns * float })
    body.countDown(panelCount)
  })
}

const roundUp = (count: number, to: number): number => Math.ceil(count / to) * to
