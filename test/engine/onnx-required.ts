// Imported by tests that cannot do without ONNX Runtime: where it is not installed, the file is left out, and says so.

import { createRequire } from 'node:module'

try {
  createRequire(import.meta.url).resolve('onnxruntime-node')
} catch {
  console.log('SKIP FILE: onnxruntime-node is not installed')
  process.exit(0)
}
