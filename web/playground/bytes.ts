// Fetching files that lie beside the page.

/** The bytes of a file. @throws Error where it is not there. */
export async function fetchBytes(address: string | URL): Promise<Uint8Array> {
  const answer = await fetch(address)
  if (!answer.ok) throw new Error(`${address} is missing (${answer.status})`)
  return new Uint8Array(await answer.arrayBuffer())
}

/** The bytes of a .gz file, unpacked; some hosts unpack it on the way. */
export async function unpacked(address: string | URL): Promise<Uint8Array> {
  const bytes = await fetchBytes(address)
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new DecompressionStream('gzip'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}
