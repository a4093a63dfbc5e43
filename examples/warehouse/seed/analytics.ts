import { between, digits, oneOf } from './arithmetic.ts'

const CUSTOMERS = 1000
const EVENTS = 500

export function customers(seed: number): string {
  return `SELECT i, 'Customer ' || ${digits('i', 5)}, ${oneOf('i', 30, seed, ['EMEA', 'AMER', 'APAC', 'LATAM'])}
    FROM range(1, ${CUSTOMERS + 1}) AS r(i)`
}

export function orders(count: number, seed: number): string {
  return `SELECT i, ${between('i', 31, seed, 1, CUSTOMERS)},
    ${between('i', 32, seed, 100, 999_999)}::DECIMAL(14, 2) / 100,
    ${oneOf('i', 33, seed, ['PLACED', 'PAID', 'SHIPPED', 'RETURNED'])},
    TIMESTAMP '2025-01-01 00:00:00' + to_seconds(${between('i', 34, seed, 0, 40_000_000)})
    FROM range(1, ${count + 1}) AS r(i)`
}

export function events(seed: number): string {
  return `SELECT i, json_object('type', ${oneOf('i', 35, seed, ['click', 'view', 'purchase'])},
    'user', json_object('id', ${between('i', 36, seed, 1, CUSTOMERS)}),
    'items', json_array(json_object('sku', 'SKU-' || (i % 50), 'qty', 1 + i % 3),
      json_object('sku', 'SKU-' || (i % 31), 'qty', 1 + i % 2))) FROM range(1, ${EVENTS + 1}) AS r(i)`
}
