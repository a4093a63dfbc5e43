/** Names of columns as words. */

/** `PATIENT_SSN` → patient ssn; `dateOfBirth2` → date of birth 2; `SSNLast4` → ssn last 4. */
export function wordsOf(name: string): readonly string[] {
  return (name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]|\d+/g) ?? []).map((word) =>
    word.toLowerCase(),
  )
}

/** The words of `sequence`, one after the other, somewhere in `words`. */
export function hasSequence(words: readonly string[], sequence: readonly string[]): boolean {
  return words.some((_word, start) =>
    sequence.every((expected, offset) => words[start + offset] === expected),
  )
}

/** As `hasSequence`, at the end. */
export function endsIn(words: readonly string[], sequence: readonly string[]): boolean {
  return hasSequence(words.slice(-sequence.length), sequence)
}
