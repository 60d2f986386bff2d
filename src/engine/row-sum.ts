// The sum over the rows of a float32 matrix in WebAssembly: row by row, so many columns at a time as registers hold.

import { FunctionBody, type Memory } from './webassembly.ts'

const lanes = 4
const float = Float32Array.BYTES_PER_ELEMENT

/** Writes the sums over the rows of a matrix [rows, columns] to the address `out`, [columns]. Both: at least 1. */
export type SumRows = (matrix: number, out: number, rows: number, columns: number) => void

/** Sums in a memory. */
export function rowSumIn(memory: Memory): SumRows {
  const strips = [4, 1].map((vectors) => ({ width: vectors * lanes, sum: stripsBody(vectors).over(memory) }))
  return (matrix, out, rows, columns) => {
    let done = 0
    for (const { width, sum } of strips) {
      const count = Math.floor((columns - done) / width)
      if (count > 0) sum(matrix + done * float, out + done * float, rows, count, columns * float)
      done += count * width
    }
    if (done === columns) return
    const floats = new Float32Array(memory.buffer)
    for (; done < columns; done++) {
      let total = 0
      for (let row = 0; row < rows; row++) total = Math.fround(total + floats[matrix / float + row * columns + done]!)
      floats[out / float + done] = total
    }
  }
}

/** Strips of so many vectors side by side, one strip after the other, each from the first row to the last. */
function stripsBody(vectors: number): FunctionBody {
  const [strip, out, rows, strips, stride] = [0, 1, 2, 3, 4]
  const body = new FunctionBody(5)
  const [at, k] = [body.local('i32'), body.local('i32')]
  const sums = Array.from({ length: vectors }, () => body.local('v128'))
  const offset = (i: number): number => i * lanes * float
  return body.repeat(() => {
    body.get(strip).set(at).get(rows).set(k)
    for (const sum of sums) body.float(0).do('f32x4.splat').set(sum)
    body.repeat(() => {
      for (const [i, sum] of sums.entries())
        body.get(at).access('v128.load', offset(i)).get(sum).do('f32x4.add').set(sum)
      body.advance(at, { local: stride })
      body.countDown(k)
    })
    for (const [i, sum] of sums.entries()) body.get(out).get(sum).access('v128.store', offset(i))
    body.advance(strip, { bytes: offset(vectors) })
    body.advance(out, { bytes: offset(vectors) })
    body.countDown(strips)
  })
}
