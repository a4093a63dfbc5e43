import { describe, expect, test } from 'vitest'

import { sensitiveByName, sensitiveByTag } from '../../../cli/lint/sensitive.ts'
import { wordsOf } from '../../../cli/lint/words.ts'

const looking: readonly (readonly [column: string, kind: string, relation?: string])[] = [
  ['SSN', 'national-id'],
  ['PATIENT_SSN', 'national-id'],
  ['ssnLast4', 'national-id'],
  ['SOCIAL_SECURITY_NUMBER', 'national-id'],
  ['taxId', 'national-id'],
  ['NATIONAL_ID', 'national-id'],
  ['DOB', 'birth'],
  ['PATIENT_DOB', 'birth'],
  ['DATE_OF_BIRTH', 'birth'],
  ['dateOfBirth', 'birth'],
  ['BirthDate', 'birth'],
  ['BIRTHDATE', 'birth'],
  ['BIRTH_YEAR', 'birth'],
  ['MRN', 'medical-record'],
  ['medicalRecordNumber', 'medical-record'],
  ['PATIENT_NUMBER', 'medical-record'],
  ['DIAGNOSIS', 'diagnosis'],
  ['PRIMARY_DIAGNOSIS_CODE', 'diagnosis'],
  ['ICD10_CODE', 'diagnosis'],
  ['MEDICATIONS', 'diagnosis'],
  ['BLOOD_TYPE_RESULT', 'diagnosis'],
  ['BLOOD_TYPE', 'diagnosis'],
  ['INSURANCE_NUMBER', 'insurance'],
  ['INSURANCE_ID', 'insurance'],
  ['POLICY_HOLDER', 'insurance'],
  ['EMAIL', 'email'],
  ['E_MAIL', 'email'],
  ['contactEmail', 'email'],
  ['EMAIL_ADDRESS', 'email'],
  ['EMAILADDRESS', 'email'],
  ['PHONE', 'phone'],
  ['HOME_PHONE', 'phone'],
  ['phoneNumber', 'phone'],
  ['MOBILE_NO', 'phone'],
  ['FAX_NUMBER', 'phone'],
  ['MSISDN', 'phone'],
  ['CREDIT_CARD', 'card'],
  ['creditCardNumber', 'card'],
  ['CVV', 'card'],
  ['CARD_NUMBER', 'card'],
  ['IBAN', 'bank-account'],
  ['BANK_ACCOUNT_NO', 'bank-account'],
  ['accountNumber', 'bank-account'],
  ['PASSPORT', 'passport'],
  ['PASSPORT_NO', 'passport'],
  ['driversLicense', 'passport'],
  ['ZIP', 'postal-code'],
  ['ZIP_CODE', 'postal-code'],
  ['postalCode', 'postal-code'],
  ['POSTCODE', 'postal-code'],
  ['ADDRESS', 'address'],
  ['HOME_ADDRESS', 'address'],
  ['ADDRESS_LINE_1', 'address'],
  ['street', 'address'],
  ['IP', 'ip-address'],
  ['IP_ADDRESS', 'ip-address'],
  ['clientIp', 'ip-address'],
  ['LAST_LOGIN_IP', 'ip-address'],
  ['FIRST_NAME', 'person-name'],
  ['lastName', 'person-name'],
  ['SURNAME', 'person-name'],
  ['MOTHER_MAIDEN_NAME', 'person-name'],
  ['CUSTOMER_NAME', 'person-name'],
  ['NAME', 'person-name', 'PATIENTS'],
  ['NAME', 'person-name', 'DIM_CUSTOMER'],
]

const innocent: readonly (readonly [column: string, relation?: string])[] = [
  ['ID'],
  ['AMOUNT'],
  ['CREATED_AT'],
  ['UPDATED_AT'],
  ['REGION'],
  ['STATUS'],
  ['DESCRIPTION'],
  ['SHIPPED'],
  ['SHIP_DATE'],
  ['TRIP_ID'],
  ['RECIPIENT_COUNT'],
  ['SUBSCRIPTION'],
  ['EQUIPMENT'],
  ['ZIPPER_COLOUR'],
  ['ZIP_FILE'],
  ['GZIP_SIZE'],
  ['PRODUCT_NAME'],
  ['FILE_NAME'],
  ['TABLE_NAME'],
  ['USER_NAME_HINT'],
  ['DISPLAY_NAME'],
  ['NAME', 'PRODUCTS'],
  ['NAME', 'REGIONS'],
  ['NAME', 'CUSTOMER_SEGMENTS'],
  ['BIRTH_RATE'],
  ['BIRTH_WEIGHT'],
  ['REBIRTH'],
  ['DOBERMAN'],
  ['SSNAP'],
  ['ASSIGNED_TO'],
  ['MISSION'],
  ['SESSION'],
  ['EMAIL_COUNT'],
  ['EMAIL_VERIFIED'],
  ['HAS_EMAIL'],
  ['IS_EMAIL_VALID'],
  ['EMAIL_TEMPLATE'],
  ['EMAIL_SENT_AT'],
  ['PHONE_TYPE'],
  ['PHONE_MODEL'],
  ['MICROPHONE'],
  ['HEADPHONES'],
  ['NUM_PHONES'],
  ['WEB_ADDRESS'],
  ['MEMORY_ADDRESS'],
  ['ADDRESS_TYPE'],
  ['ADDRESSABLE_MARKET'],
  ['INSURANCE_PREMIUM'],
  ['CARD_BRAND'],
  ['SCORECARD'],
  ['CARDINALITY'],
  ['CARD_TYPE'],
  ['PASSPORT_COUNTRY'],
  ['IBANEZ'],
  ['MARTINI'],
  ['MAC_OS'],
  ['PIPELINE'],
  ['VISIT_ID'],
  ['ACCOUNT_ID'],
  ['ACCOUNT_NAME'],
  ['POLICY'],
  ['PANEL'],
  ['MEMBERSHIP_LEVEL'],
]

describe('a column that looks personal by its name', () => {
  test.each(looking.map(([column, kind, relation = 'T']) => [column, kind, relation] as const))(
    '%s is a %s',
    (column, kind, relation) => {
      expect(sensitiveByName(column, relation)?.kind).toBe(kind)
    },
  )

  test.each(innocent.map(([column, relation = 'T']) => [column, relation] as const))(
    '%s is not',
    (column, relation) => {
      expect(sensitiveByName(column, relation)?.kind).toBeUndefined()
    },
  )

  test('sixty names stand on either side', () => {
    expect(looking.length).toBeGreaterThanOrEqual(60)
    expect(innocent.length).toBeGreaterThanOrEqual(60)
  })
})

describe('a column that looks personal by its tag', () => {
  test.each([
    ['PII', 'ssn', 'tagged'],
    ['DATA_CLASS', 'Confidential', 'tagged'],
    ['SEMANTIC_CATEGORY', 'EMAIL', 'email'],
    ['SEMANTIC_CATEGORY', 'OTHER', 'tagged'],
    ['PII', 'none', undefined],
    ['DATA_CLASS', 'public', undefined],
    ['COST_CENTER', 'finance', undefined],
  ])('%s = %s says %s', (name, value, kind) => {
    expect(sensitiveByTag({ name, value })?.kind).toBe(kind)
  })
})

test('words are found in snake case, camel case and both', () => {
  expect(wordsOf('PATIENT_SSN')).toEqual(['patient', 'ssn'])
  expect(wordsOf('dateOfBirth2')).toEqual(['date', 'of', 'birth', '2'])
  expect(wordsOf('SSNLast4')).toEqual(['ssn', 'last', '4'])
  expect(wordsOf('Größe_ID')).toContain('id')
})
