// Tabs, as the ARIA practices have them: arrow keys, Home and End go from one to the next; the address names the one that
// is shown.

import { byId } from '../dom.ts'

/** The name of the tab in an address: `#train&glimpses=4` is `train`. */
export const tabIn = (hash: string): string => hash.replace(/^#/, '').split('&')[0]!

/** @param onShow told which tab is shown, now and whenever it changes */
export function startTabs(onShow: (name: string) => void): void {
  const all = [...document.querySelectorAll<HTMLButtonElement>('[role="tab"]')]
  const tabs = (): HTMLButtonElement[] => all.filter(({ hidden }) => !hidden)
  const nameOf = (tab: HTMLElement): string => tab.getAttribute('aria-controls')!
  const show = (name: string): void => {
    const chosen = tabs().find((tab) => nameOf(tab) === name) ?? tabs()[0]!
    for (const tab of all) {
      tab.setAttribute('aria-selected', String(tab === chosen))
      tab.tabIndex = tab === chosen ? 0 : -1
      byId(nameOf(tab), HTMLElement).hidden = tab !== chosen
    }
    onShow(nameOf(chosen))
  }
  const go = (tab: HTMLElement): void => {
    if (tabIn(location.hash) !== nameOf(tab)) history.pushState(null, '', `#${nameOf(tab)}`)
    show(nameOf(tab))
    tab.focus()
  }
  for (const tab of all) {
    tab.addEventListener('click', () => go(tab))
    tab.addEventListener('keydown', (event) => {
      const now = tabs().indexOf(tab)
      const count = tabs().length
      const wanted = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: count - 1 }[event.key]
      if (wanted === undefined) return
      event.preventDefault()
      go(tabs()[(wanted + count) % count]!)
    })
  }
  for (const name of ['hashchange', 'popstate']) addEventListener(name, () => show(tabIn(location.hash)))
  show(tabIn(location.hash))
}
