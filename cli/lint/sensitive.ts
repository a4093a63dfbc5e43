/**
 * Columns that look personal by their name. A table of words, not of values: no row is read. It is
 * meant to miss little and to be quiet about PRODUCT_NAME, SHIP_DATE and ZIP_FILE.
 */

import type { MaskMethod } from '../../sidecar/control/bundle.ts'
import { endsIn, hasSequence, wordsOf } from './words.ts'

export interface Sensitive {
  /** For the name of a rule: `email`. */
  readonly kind: string
  /** `e-mail addresses` */
  readonly what: string
  /** In order of preference; the first that fits the column's type is suggested. */
  readonly masks: readonly MaskMethod[]
}

interface Entry extends Sensitive {
  /** Any of these sequences of words. */
  readonly names: readonly string[]
  /** Not beside any of these words. */
  readonly except?: readonly string[]
}

const redact: MaskMethod = { kind: 'redact' }
const last4: MaskMethod = { kind: 'partial', keepFirst: 0, keepLast: 4 }
const year: MaskMethod = { kind: 'dateTruncate', to: 'Year' }

/** The first entry that fits decides: narrower ones stand before wider ones. */
const entries: readonly Entry[] = [
  {
    kind: 'national-id',
    what: 'national identification numbers',
    masks: [last4, redact],
    names: [
      'ssn',
      'social security',
      'socialsecuritynumber',
      'national id',
      'nationalid',
      'nino',
      'nhs number',
      'tax id',
      'taxid',
      'tin',
      'itin',
      'aadhaar',
      'fiscal code',
    ],
    except: ['tax rate'],
  },
  {
    kind: 'birth',
    what: 'dates of birth',
    masks: [year, redact],
    names: ['dob', 'birth', 'birthdate', 'birthday', 'dateofbirth', 'born'],
    except: ['weight', 'rate', 'order', 'country'],
  },
  {
    kind: 'medical-record',
    what: 'medical record numbers',
    masks: [last4, redact],
    names: ['mrn', 'medical record', 'medicalrecordnumber', 'patient number', 'patient no'],
  },
  {
    kind: 'diagnosis',
    what: 'what a person suffers from or takes',
    masks: [redact],
    names: [
      'diagnosis',
      'diagnoses',
      'icd',
      'icd9',
      'icd10',
      'medication',
      'medications',
      'prescription',
      'prescriptions',
      'allergy',
      'allergies',
      'blood type',
      'lab result',
    ],
  },
  {
    kind: 'insurance',
    what: 'insurance numbers',
    masks: [last4, redact],
    names: [
      'insurance',
      'policyholder',
      'policy holder',
      'medicare',
      'medicaid',
      'beneficiary',
      'health plan',
      'member number',
    ],
    except: ['premium', 'rate', 'company', 'product', 'provider'],
  },
  {
    kind: 'email',
    what: 'e-mail addresses',
    masks: [{ kind: 'email' }, redact],
    names: ['email', 'emails', 'e mail', 'emailaddress', 'mail address'],
    except: ['template', 'subject', 'campaign', 'body', 'provider', 'opt'],
  },
  {
    kind: 'ip-address',
    what: 'addresses of devices',
    masks: [redact],
    names: ['ip', 'ipv4', 'ipv6', 'ipaddress', 'mac address', 'macaddress', 'imei'],
    except: ['range', 'pool', 'owner'],
  },
  {
    kind: 'phone',
    what: 'telephone numbers',
    masks: [last4, redact],
    names: [
      'phone',
      'phones',
      'telephone',
      'phonenumber',
      'mobile number',
      'mobile no',
      'cell number',
      'fax',
      'msisdn',
      'mobilephone',
      'cellphone',
    ],
    except: ['model', 'brand', 'os'],
  },
  {
    kind: 'card',
    what: 'payment cards',
    masks: [last4, redact],
    names: [
      'credit card',
      'creditcard',
      'card number',
      'cardnumber',
      'card no',
      'cvv',
      'cvc',
      'cardholder',
      'card holder',
      'cc number',
    ],
    except: ['brand', 'network'],
  },
  {
    kind: 'bank-account',
    what: 'bank accounts',
    masks: [last4, redact],
    names: [
      'iban',
      'bank account',
      'bankaccount',
      'account number',
      'accountnumber',
      'routing number',
      'sort code',
    ],
  },
  {
    kind: 'passport',
    what: 'numbers of passports or licences',
    masks: [last4, redact],
    names: [
      'passport',
      'driver license',
      'drivers license',
      'driver licence',
      'drivers licence',
      'driving licence',
      'license plate',
      'driverslicense',
    ],
    except: ['country', 'office'],
  },
  {
    kind: 'postal-code',
    what: 'postal codes',
    masks: [{ kind: 'partial', keepFirst: 3, keepLast: 0 }, redact],
    names: ['zip', 'zipcode', 'postal code', 'postcode', 'postalcode', 'post code', 'zip5', 'zip4'],
    except: ['file', 'archive', 'size', 'path'],
  },
  {
    kind: 'address',
    what: 'addresses of people',
    masks: [redact],
    names: [
      'address',
      'addresses',
      'addr',
      'addr1',
      'addr2',
      'address1',
      'address2',
      'street',
      'streetaddress',
      'homeaddress',
    ],
    except: ['web', 'url', 'host', 'memory', 'server', 'wallet', 'contract', 'network'],
  },
  {
    kind: 'person-name',
    what: 'names of people',
    masks: [redact],
    names: [
      'first name',
      'firstname',
      'fname',
      'last name',
      'lastname',
      'lname',
      'surname',
      'given name',
      'givenname',
      'family name',
      'familyname',
      'middle name',
      'middlename',
      'maiden name',
      'full name',
      'fullname',
      'legal name',
      'next of kin',
    ],
  },
]

/** Relations and columns whose NAME is a person's. */
const people = ['patient', 'patients', 'customer', 'customers', 'person', 'persons', 'people', 'employee', 'employees', 'member', 'members', 'client', 'clients', 'contact', 'contacts', 'user', 'users', 'doctor', 'doctors', 'physician', 'physicians', 'subscriber', 'subscribers', 'guardian', 'student', 'students', 'applicant', 'applicants', 'citizen', 'citizens', 'guest', 'guests', 'caller', 'tenant'] // prettier-ignore

/** What is said about a value, not the value: EMAIL_COUNT, PHONE_TYPE, HAS_PASSPORT. */
const aboutLast = new Set(['count', 'cnt', 'flag', 'type', 'status', 'verified', 'valid', 'length', 'len', 'exists', 'enabled', 'format', 'domain', 'source', 'sent', 'opened', 'at', 'bounced', 'consent']) // prettier-ignore
const aboutFirst = new Set(['is', 'has', 'num', 'count', 'n', 'total', 'max', 'min', 'avg'])

/** Undefined where the name says nothing of the kind. `relation` is the name of its table. */
export function sensitiveByName(column: string, relation: string): Sensitive | undefined {
  const words = wordsOf(column)
  if (aboutFirst.has(words[0] ?? '')) return undefined
  const about = aboutLast.has(words.at(-1) ?? '')
  const entry = entries.find(
    ({ names, except = [] }) =>
      // BLOOD_TYPE is one, though it ends in TYPE.
      names.some((name) => (about ? endsIn : hasSequence)(words, name.split(' '))) &&
      !except.some((name) => hasSequence(words, name.split(' '))),
  )
  return entry ?? (isPersonName(words, wordsOf(relation)) ? personName : undefined)
}

const personName = entries.find(({ kind }) => kind === 'person-name')

/** NAME in PATIENTS, and PATIENT_NAME anywhere. */
function isPersonName(words: readonly string[], relation: readonly string[]): boolean {
  const [first = '', second] = words
  if (words.length === 1) return first === 'name' && people.includes(relation.at(-1) ?? '')
  return words.length === 2 && second === 'name' && people.includes(first) && first !== 'user'
}

const labels = new Set([
  'pii',
  'phi',
  'pci',
  'sensitive',
  'confidential',
  'gdpr',
  'hipaa',
  'personal',
])

/** Snowflake's own classification (SNOWFLAKE.CORE.SEMANTIC_CATEGORY), and labels of the house. */
export function sensitiveByTag(tag: { readonly name: string; readonly value: string }) {
  if (tag.name === 'SEMANTIC_CATEGORY') {
    return (
      sensitiveByName(tag.value, '') ?? {
        ...tagged,
        what: "personal by Snowflake's classification",
      }
    )
  }
  const words = [...wordsOf(tag.name), ...wordsOf(tag.value)]
  const no = ['none', 'no', 'false', 'public', 'non'].some((word) => words.includes(word))
  return !no && words.some((word) => labels.has(word)) ? tagged : undefined
}

const tagged: Sensitive = {
  kind: 'tagged',
  what: 'sensitive by its tag',
  masks: [redact],
}
