// Things that are chosen by name. A registry is filled by `register`, from inside or from a user's own module.

import { UserError } from './errors.ts'
import { suggestion } from './options.ts'

/** Where an entry was registered: it comes along, a module on the list of imports did it, or some other code of this process. */
export type Origin = 'built-in' | 'imported' | 'process'

let currentOrigin: Origin = 'process'

/** Note what is registered until `done` is called as coming from `origin`. */
export function registerFrom(origin: Origin): { done(): void } {
  const before = currentOrigin
  currentOrigin = origin
  return {
    done() {
      currentOrigin = before
    },
  }
}

/** Named entries of one kind. */
export class Registry<Entry> {
  private readonly entries = new Map<string, { readonly entry: Entry; readonly origin: Origin }>()
  private readonly kind: string

  /** `kind` is the noun in messages: `environment`, `algorithm`. */
  constructor(kind: string) {
    this.kind = kind
  }

  /** @throws UserError where the name is empty or taken. */
  register(name: string, entry: Entry): void {
    if (!name) throw new UserError(`${this.kind}: a name must not be empty`)
    if (this.entries.has(name)) throw new UserError(`${this.kind} "${name}" is already registered; choose another name`)
    this.entries.set(name, { entry, origin: currentOrigin })
  }

  /** @throws UserError naming the nearest known name. */
  get(name: string): Entry {
    const found = this.entries.get(name)
    if (!found) throw new UserError(`unknown ${this.kind} "${name}"${suggestion(name, this.names())}`)
    return found.entry
  }

  has(name: string): boolean {
    return this.entries.has(name)
  }

  /** Where a known name was registered. */
  originOf(name: string): Origin {
    return this.entries.get(name)?.origin ?? 'process'
  }

  /** In the order of registration. */
  names(): string[] {
    return [...this.entries.keys()]
  }
}
