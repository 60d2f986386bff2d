// Things that are chosen by name. A registry is filled by `register`, from inside or from a user's own module.

import { UserError } from './errors.ts'
import { suggestion } from './options.ts'

/** Named entries of one kind. */
export class Registry<Entry> {
  private readonly entries = new Map<string, Entry>()
  private readonly kind: string

  /** `kind` is the noun in messages: `environment`, `algorithm`. */
  constructor(kind: string) {
    this.kind = kind
  }

  /** @throws UserError where the name is empty or taken. */
  register(name: string, entry: Entry): void {
    if (!name) throw new UserError(`${this.kind}: a name must not be empty`)
    if (this.entries.has(name)) throw new UserError(`${this.kind} "${name}" is already registered; choose another name`)
    this.entries.set(name, entry)
  }

  /** @throws UserError naming the nearest known name. */
  get(name: string): Entry {
    const entry = this.entries.get(name)
    if (!entry) throw new UserError(`unknown ${this.kind} "${name}"${suggestion(name, this.names())}`)
    return entry
  }

  has(name: string): boolean {
    return this.entries.has(name)
  }

  /** In the order of registration. */
  names(): string[] {
    return [...this.entries.keys()]
  }
}
