/** Options of statements: `COMMENT = 'x'`, `FILE_FORMAT = (TYPE = CSV)`, `COPY GRANTS`. */

import type { Bind, Literal, Variable } from './expression.ts'
import type { Spanned, Stage, TargetName } from './names.ts'

export interface Property extends Spanned {
  readonly kind: 'Property'
  /** Its words, upper case, one space between: `COMMENT`, `ROW ACCESS POLICY`. */
  readonly name: string
  /** Undefined for words that stand alone: `COPY GRANTS`. */
  readonly value: PropertyValue | undefined
}

/**
 * A word that is not a string or number is read as a name, `WAREHOUSE = wh` and `TYPE = CSV` alike:
 * the text does not tell them apart, the property's name does.
 */
export type PropertyValue = Literal | TargetName | Stage | Variable | Bind | PropertyList

/** `( … )` or `[ … ]`: values, or properties, separated by commas or blanks. */
export interface PropertyList extends Spanned {
  readonly kind: 'PropertyList'
  readonly items: readonly (PropertyValue | Property)[]
}
