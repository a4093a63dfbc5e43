/** The ids by which people ask, and those of a recording that are near one that is not there. */

/** Kinds of ids, as they are told where one is unknown. */
export const idForms: readonly string[] = [
  'a query id, as the client saw it (sfqid, queryId): 01b2c3d4-0000-0000-0000-0123456789ab',
  'the id of an approval request, as the refusal names it: 16 hexadecimal digits',
  'the name of an ApprovalRequest: the same, or the same with -2, -3, …',
  'the id of one use of an approval, as the request’s status and the recording name it',
]

/** An ApprovalRequest's name without the number of the asking; undefined for any other id. */
export function requestIn(id: string): string | undefined {
  return /^([0-9a-f]{16})(?:-\d{1,9})?$/.exec(id)?.[1]
}

const most = 5
/** Letters that may differ. */
const farthest = 4
/** Letters that a beginning has at least. */
const shortest = 4

/** Keeps those nearest to `wanted` of all that it is shown. */
export class Nearest {
  readonly #wanted: string
  #found: { readonly id: string; readonly far: number }[] = []

  constructor(wanted: string) {
    this.#wanted = wanted.toLowerCase()
  }

  see(id: string): void {
    const far = distance(this.#wanted, id.toLowerCase())
    if (far > farthest || this.#found.some((known) => known.id === id)) return
    this.#found = [...this.#found, { id, far }].sort((a, b) => a.far - b.far).slice(0, most)
  }

  get ids(): readonly string[] {
    return this.#found.map(({ id }) => id)
  }
}

/** 0 where one begins with the other; else letters to change, add or remove, up to a few. */
export function distance(wanted: string, id: string): number {
  if (wanted.length >= shortest && id.startsWith(wanted)) return 0
  if (Math.abs(wanted.length - id.length) > farthest || wanted.length < 2 * farthest) {
    return farthest + 1
  }
  let row = Array.from({ length: id.length + 1 }, (_, at) => at)
  for (let i = 1; i <= wanted.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= id.length; j += 1) {
      const same = wanted[i - 1] === id[j - 1]
      const [left = 0, above = 0, corner = 0] = [next[j - 1], row[j], row[j - 1]]
      next.push(same ? corner : 1 + Math.min(left, above, corner))
    }
    if (Math.min(...next) > farthest) return farthest + 1
    row = next
  }
  return row[id.length] ?? farthest + 1
}
