// The program of the process that reads images: a request on its input, pixels into an open file, an answer on its output.

import { readFileSync } from 'node:fs'
import { UserError } from '../core/errors.ts'
import { decodeFiles } from './decode-files.ts'
import type { ReadRequest } from './read-images.ts'

/** The open file that the pixels are for. */
const output = 3

const request = JSON.parse(readFileSync(0, 'utf8')) as ReadRequest
const found = await decodeFiles(request, output).catch((error: Error) => {
  if (error instanceof UserError) return { error: error.message }
  if ((error as { code?: unknown }).code === 'ENOSPC')
    return { error: `the disk of ${request.folder} became full while images were written there; set TMPDIR to another` }
  throw error
})
process.stdout.write(JSON.stringify(found))
