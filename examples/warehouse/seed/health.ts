import { between, digits, mix, oneOf } from './arithmetic.ts'

const givenNames = [
  'Ada',
  'Amir',
  'Bela',
  'Carla',
  'Chen',
  'Dara',
  'Elif',
  'Emeka',
  'Farah',
  'Goran',
  'Hana',
  'Ines',
  'Jonas',
  'Kavya',
  'Lena',
  'Mateo',
  'Nadia',
  'Omar',
  'Priya',
  'Quinn',
  'Rosa',
  'Samir',
  'Tomas',
  'Uma',
  'Vera',
  'Wanda',
  'Ximena',
  'Yusuf',
  'Zofia',
]
const familyNames = [
  'Abara',
  'Becker',
  'Castillo',
  'Dunne',
  'Eriksen',
  'Fontaine',
  'Garcia',
  'Hoang',
  'Ivanov',
  'Jansen',
  'Kimura',
  'Larsen',
  'Moreau',
  'Novak',
  'Okafor',
  'Petrov',
  'Quispe',
  'Rossi',
  'Singh',
  'Tanaka',
  'Umar',
  'Varga',
  'Weber',
  'Xu',
  'Yilmaz',
  'Zhang',
  "O'Neil",
]
const cities = [
  'Zürich',
  'Lyon',
  'Porto',
  'Graz',
  'Leeds',
  'Boston',
  'Austin',
  'Osaka',
  'Pune',
  'Quito',
  'Oslo',
]
const notes = [
  'Follow-up in six weeks.',
  'No known allergies.',
  'Prefers morning appointments.',
  'Penicillin allergy.',
  'Referred to cardiology.',
]
const diagnoses = ['J06.9', 'I10', 'E11.9', 'M54.5', 'K21.9', 'F41.1', 'Z00.0', 'R51']
const bloodTypes = ['A+', 'A-', 'B+', 'B-', 'AB+', 'AB-', 'O+', 'O-']

/** SSNs come from area numbers 900 to 999, which the US Social Security Administration never issues. */
export function patients(count: number, seed: number): string {
  const first = oneOf('i', 1, seed, givenNames)
  const last = oneOf('i', 2, seed, familyNames)
  const ssn = `CASE WHEN i % 97 = 0 THEN NULL ELSE ${digits(between('i', 3, seed, 900, 999), 3)} || '-' || ${digits(between('i', 4, seed, 10, 99), 2)} || '-' || ${digits(`(i * 7919 + ${seed}) % 10000`, 4)} END`
  const profile = `json_object('blood_type', ${oneOf('i', 9, seed, bloodTypes)}, 'height_cm', ${between('i', 10, seed, 150, 199)}, 'smoker', ${mix('i', 11, seed)} % 5 = 0, 'contacts', json_array(json_object('kind', 'phone', 'value', '+1-555-' || ${digits('i % 10000', 4)})))`
  return `SELECT i, ${first} || ' ' || ${last}, ${ssn},
    DATE '1935-01-01' + ${between('i', 5, seed, 0, 29_000)}::INTEGER,
    ${oneOf('i', 6, seed, cities)},
    lower(${first}) || '.' || i || '@example.org',
    CASE WHEN i % 13 = 0 THEN NULL ELSE ${oneOf('i', 7, seed, notes)} END,
    ${profile} FROM range(1, ${count + 1}) AS r(i)`
}

/** Three visits for each patient. */
export function visits(patientCount: number, seed: number): string {
  return `SELECT i, 1 + (i - 1) % ${Math.max(1, patientCount)},
    TIMESTAMP '2024-01-01 08:00:00' + to_minutes(${between('i', 20, seed, 0, 1_000_000)}),
    ${between('i', 21, seed, 2000, 95_000)}::DECIMAL(12, 2) / 100,
    ${oneOf('i', 22, seed, diagnoses)} FROM range(1, ${patientCount * 3 + 1}) AS r(i)`
}
