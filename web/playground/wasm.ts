// TensorFlow.js in WebAssembly, its binary beside the page.

import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?packed'
import { env } from '@tensorflow/tfjs-core'
import { UserError } from '../../src/core/errors.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { createWasmEngine } from '../../src/engine/wasm.ts'
import { unpacked } from './bytes.ts'

/**
 * The engine of this page. A static host sends no headers for threads, and so small an agent needs none.
 * @throws UserError where the browser is too old for it.
 */
export async function startEngine(): Promise<Engine> {
  const able = typeof WebAssembly !== 'undefined' && (await env().getAsync('WASM_HAS_SIMD_SUPPORT'))
  if (!able)
    throw new UserError(
      'it computes in WebAssembly with vectors (SIMD), which this browser does not have or has switched off; browsers since 2023 have it',
    )
  env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
  // all three must be named, only the second is asked for, and it is here already
  const names = ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm-threaded-simd.wasm']
  setWasmPaths(Object.fromEntries(names.map((name) => [name, simd])) as Parameters<typeof setWasmPaths>[0], true)
  const binary = await unpacked(simd)
  env().platform.fetch = async () => new Response(binary as BodyInit)
  return createWasmEngine()
}
