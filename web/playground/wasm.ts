// TensorFlow.js in WebAssembly, its binary beside the page.

import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url'
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url'
import { env } from '@tensorflow/tfjs-core'

/** Say where the binaries are. A static host sends no headers for threads, and so small an agent needs none. */
export function prepare(): void {
  env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
  const paths = { 'tfjs-backend-wasm.wasm': plain, 'tfjs-backend-wasm-simd.wasm': simd }
  // all three must be named; without threads the third is never fetched
  setWasmPaths({ ...paths, 'tfjs-backend-wasm-threaded-simd.wasm': simd })
}
