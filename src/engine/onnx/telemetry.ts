// ONNX Runtime sends usage data from Linux and macOS unless C's environment forbids it before its library is loaded. A
// thread other than the main one has only a copy of that environment in `process.env`, so C is told directly.

import { isMainThread } from 'node:worker_threads'
import { EngineError } from '../engine.ts'

/** @see onnxruntime/core/platform/posix/telemetry.cc */
const [variable, forbidden] = ['ORT_DISABLE_TELEMETRY', '1']

/**
 * Forbid usage data, for this process and all that it starts. To be awaited before ONNX Runtime's library is loaded.
 * @throws EngineError in a thread that cannot reach C's environment: without koffi, and not started by one that forbade it.
 */
export async function forbidTelemetry(): Promise<void> {
  const inherited = process.env[variable] === forbidden
  process.env[variable] = forbidden
  if (process.platform === 'win32') return // writes events of the system's own, off unless a person asks for them
  const setenv = await findSetenv()
  if (setenv) setenv(variable, forbidden, 1)
  else if (!isMainThread && !inherited)
    throw new EngineError(
      `in a worker thread ONNX Runtime would send usage data; set ${variable}=${forbidden} before the process starts, or npm install koffi`,
    )
}

/** C's own `setenv`; undefined without koffi, for then only the main thread's `process.env` is C's environment. */
async function findSetenv(): Promise<((name: string, value: string, overwrite: number) => number) | undefined> {
  try {
    const { default: koffi } = await import('koffi')
    return koffi.load(null).func('int setenv(const char *name, const char *value, int overwrite)')
  } catch {
    return undefined
  }
}
