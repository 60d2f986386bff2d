// Text of others as a terminal may have it: names of modules, folders and jobs could hold what moves the cursor, hides what
// stands beside it, or turns its order round.

/** Control characters, and those that change the direction of writing or end a line. */
const control = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/gu

/** A text with its control characters, newlines too, written as `\u001b`; in JSON it means what it meant. */
export const printable = (text: string): string =>
  text.replace(control, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
