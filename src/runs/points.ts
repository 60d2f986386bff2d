// An epoch as a point of curves, and what values of JSON may be. Pure: runs in a browser too.

import type { Point } from './records.ts'

/** A JSON object, as a file has it. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Every finite number of an epoch's line, by name. */
export function pointOf(record: JsonObject | undefined): Point | undefined {
  const epoch = asNumber(record?.epoch)
  if (!record || epoch === undefined) return undefined
  const epochs = asNumber(record.epochs)
  const values: Record<string, number> = {}
  for (const [name, value] of Object.entries(record)) {
    if (typeof value === 'number' && name !== 'epoch' && name !== 'epochs') values[name] = value
    for (const [inner, number] of Object.entries(asObject(value) ?? {}))
      if (typeof number === 'number') values[`${name}.${inner}`] = number
  }
  return { epoch, ...(epochs !== undefined && { epochs }), values }
}

/** A value as an object, a text or a finite number, where it is one. */
export const asObject = (value: unknown): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
export const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
export const asNumber = (value: unknown): number | undefined => (Number.isFinite(value) ? (value as number) : undefined)
