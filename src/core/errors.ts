// The error that a person can cause and mend. Scripts print its message as one line and exit with 1; anything else is
// a fault of ours and keeps its stack trace.

/** Says what was given, what is allowed, and what to do. */
export class UserError extends Error {
  override readonly name: string = 'UserError'
}

/** Options that each are in range, but do not fit together, or the data, or the world; for a person as much as a UserError. */
export class OptionError extends RangeError {
  override readonly name: string = 'OptionError'
}
