// Files that the page makes itself, and gives to whoever looks at it.

/** Let the browser save a file under a name; letters that file systems dislike become dashes. */
export function download(name: string, type: string, content: BlobPart): void {
  const address = URL.createObjectURL(new Blob([content], { type }))
  const link = Object.assign(document.createElement('a'), {
    href: address,
    download: name.replace(/[^\p{L}\p{N}._-]+/gu, '-'),
  })
  link.click()
  // not at once: the browser has yet to read it
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
