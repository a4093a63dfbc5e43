/**
 * One layout for all streams of a result. Drivers on the new core read every stream by the schema
 * of the first, and look at no other: of another width they make wrong numbers, or read foreign
 * memory.
 */

import { FrostgateError } from '../../errors.ts'
import type { ArrowField } from './field.ts'

export class OneLayout {
  readonly #askJson: string
  #first: string | undefined

  /** `askJson`: the parameter by which the driver asks for JSON. */
  constructor(askJson: string) {
    this.#askJson = askJson
  }

  /**
   * The first fields are what all others must be like. In one step, so that of two streams that are
   * read side by side one is the first. Errors: ResultLayoutsDiffer.
   */
  hold(fields: readonly ArrowField[]): void {
    const layout = JSON.stringify(fields.map(readAs))
    this.#first ??= layout
    if (this.#first !== layout)
      throw FrostgateError.of('ResultLayoutsDiffer', { parameter: this.#askJson })
  }
}

/** Notes that such a driver reads cells by; that of parts in bytes only says how many there are. */
const actedOn = ['logicalType', 'precision', 'scale']

/** Of a field all that decides how its cells are read. */
function readAs({ name, nullable, type, children, metadata }: ArrowField): readonly unknown[] {
  const notes = actedOn.map((key) => metadata.get(key) ?? null)
  return [name, nullable, type, children.map(readAs), notes]
}
