/** The relations that statements are made over, as far as making well-typed text needs it. */

export type Kind = 'number' | 'text' | 'date' | 'variant'

export interface Column {
  /** As written in SQL. */
  readonly name: string
  readonly kind: Kind
  /** It carries a protected value, or what was made of one. */
  readonly hot: boolean
}

export interface Relation {
  readonly name: string
  readonly columns: readonly Column[]
}

const kinds: Readonly<Record<string, Kind>> = { n: 'number', t: 'text', d: 'date', v: 'variant' }

/** `ID:n SSN:t!`: names with kinds; an exclamation mark for a protected one. */
function relation(name: string, spelled: string): Relation {
  const columns = spelled.split(' ').map((word) => {
    const [column = '', code = ''] = word.split(':')
    return {
      name: column.replaceAll('_space_', ' '),
      kind: kinds[code.charAt(0)] ?? 'text',
      hot: code.endsWith('!'),
    }
  })
  return { name, columns }
}

const patients = 'id:n name:t ssn:t! dob:d! email:t! salary:n! city:t doc:v'

/** More than once what statements should be about. */
export const tables: readonly Relation[] = [
  relation('patients', patients),
  relation('patients', patients),
  relation('phi.patients', patients),
  relation('health.phi.PATIENTS', patients),
  relation('"HEALTH"."PHI"."PATIENTS"', patients),
  relation("IDENTIFIER('phi.patients')", patients),
  relation('visits', 'visit_id:n patient_id:n ssn:t fee:n seen_at:d ward:t'),
  relation('charts', 'patient_id:n doc:v! kind:t'),
  relation('guesses', 'g:t n:n d:d'),
  relation('"patient.notes"', '"id":n "ssn":t! "a_space_b":t "Größe":n "na""me":t'),
  relation('"Ärzte"', 'id:n "Name":t "Gehalt":n!'),
  relation('public.patients', 'id:n name:t ssn:t! city:t'),
  relation('analytics.public.patients', 'id:n name:t ssn:t city:t'),
  relation('v_plain', 'id:n name:t ssn:t! city:t'),
  relation('v_star', patients),
  relation('v_open', 'id:n name:t city:t'),
  relation('v_renamed', 'pid:n code:t! contact:t! day:d! pay:n!'),
  relation('v_nested', 'n:n c:t! pay:n!'),
  relation('v_derived', 'id:n area:t! yearly:n! born:n! mirrored:t!'),
  relation('v_joined', 'id:n name:t ssn:t! fee:n ward:t'),
  relation('v_union', 'id:n value:t!'),
  relation('v_counts', 'city:t n:n'),
  relation('staging.public.intake', 'id:n name:t ssn:t! city:t'),
]

export const scratchTable = relation('staging.public.scratch', 'id:n a:t b:n c:d')
