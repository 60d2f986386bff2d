// Has the browser keep the page, so that it works without a network.

/** Call it when the page has been shown: it fetches all that no tab has asked for yet. */
export async function keepForOffline(): Promise<void> {
  try {
    const script = new URL('service-worker.js', document.baseURI)
    await navigator.serviceWorker.register(script, { updateViaCache: 'none' })
  } catch {
    // an old browser, a private window, a host without https: the page needs a network, as most do
  }
}
