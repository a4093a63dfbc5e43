const units = [3600, 60, 1] as const

/** Seconds of a duration such as `8h`, `1h30m` or `90s`; undefined if it says nothing. */
export function parseDuration(text: string): number | undefined {
  const match = /^(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,5})s)?$/.exec(text)
  if (match === null || text === '') return undefined
  return units.reduce((sum, unit, index) => sum + unit * Number(match[index + 1] ?? 0), 0)
}

/**
 * Seconds of a duration of a valid object: the schema's rules have seen to form and range.
 *
 * @throws RangeError if it is none.
 */
export function secondsOf(text: string): number {
  const seconds = parseDuration(text)
  if (seconds === undefined) throw new RangeError(`"${text}" is not a duration`)
  return seconds
}
