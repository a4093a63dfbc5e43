import { describe, expect, test } from 'vitest'
import { addressOfAccount, addressOfHost, checkIssuer } from '../../../operator/compile/address.ts'
import { parseDuration } from '../../../operator/compile/duration.ts'

describe('The address of an account', () => {
  test.each([
    ['acme-prod', 'ACME-PROD', 'https://acme-prod.snowflakecomputing.com'],
    ['Acme-My_Account', 'ACME-MY_ACCOUNT', 'https://acme-my-account.snowflakecomputing.com'],
    ['xy12345.us-east-2.aws', 'XY12345', 'https://xy12345.us-east-2.aws.snowflakecomputing.com'],
    ['acme-east.global', 'ACME', 'https://acme-east.global.snowflakecomputing.com'],
    ['xy1.cn-northwest-1.aws', 'XY1', 'https://xy1.cn-northwest-1.aws.snowflakecomputing.cn'],
  ])('%s', (account, name, url) => {
    expect(addressOfAccount(account)).toEqual({ account: name, url })
  })

  test.each([
    [
      'acme.privatelink.snowflakecomputing.com',
      'ACME',
      'https://acme.privatelink.snowflakecomputing.com',
    ],
    ['ACME.snowflakecomputing.cn', 'ACME', 'https://acme.snowflakecomputing.cn'],
    ['127.0.0.1:8443', 'LOCALHOST', 'http://127.0.0.1:8443'],
    ['[::1]:8443', 'LOCALHOST', 'http://[::1]:8443'],
    ['localhost', 'LOCALHOST', 'http://localhost'],
  ])('may be given by host: %s', (host, account, url) => {
    expect(addressOfHost(host)).toEqual({ value: { account, url } })
  })

  test.each([
    'evil.example',
    'snowflakecomputing.com',
    '.snowflakecomputing.com',
    'evil.example/x.snowflakecomputing.com',
    'user@acme.snowflakecomputing.com',
    'acme.snowflakecomputing.com:8443',
    'acme.snowflakecomputing.com.evil.example',
    'https://acme.snowflakecomputing.com',
    '127.0.0.1@evil.example',
    '127.0.0.1.evil.example',
    'evil.example#.snowflakecomputing.com',
    '127.1',
    '0.0.0.0:80',
    '10.0.0.1',
    'localhost/x',
  ])('is never somebody else’s host: %s', (host) => {
    expect(addressOfHost(host)).toHaveProperty('advice')
  })
})

describe('An issuer', () => {
  test.each([
    'https://token.actions.githubusercontent.com',
    'http://127.0.0.1:8089',
    'http://[::1]/x',
  ])('may be %s', (issuer) => {
    expect(checkIssuer(issuer)).toEqual({ value: issuer })
  })

  test.each([
    'http://issuer.example',
    'http://127.0.0.1.evil.example',
    'ftp://127.0.0.1',
    'https://u:p@issuer.example',
    'https://issuer.example?x=1',
    'https://issuer.example#x',
    ' https://issuer.example',
    'issuer.example',
    '',
  ])('may not be %s', (issuer) => {
    expect(checkIssuer(issuer)).toHaveProperty('advice')
  })
})

test('A duration is hours, minutes and seconds in this order', () => {
  expect(['8h', '90m', '1h30m', '45s', '1h1m1s', '0s'].map(parseDuration)).toEqual([
    28_800, 5400, 5400, 45, 3661, 0,
  ])
  expect(['', '8', 'h', '1m1h', '-1h', '1.5h', '1h ', '8H'].map(parseDuration)).toEqual(
    Array(8).fill(undefined),
  )
})
