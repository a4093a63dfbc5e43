/** Bytes that are no Arrow stream that the gateway lets through. The reason quotes nothing of them. */
export class MalformedArrow extends Error {}

export function malformed(reason: string): MalformedArrow {
  return new MalformedArrow(reason)
}
