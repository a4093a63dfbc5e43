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
    expect(addressOfHost(host, false)).toEqual({ value: { account, url } })
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
    expect(addressOfHost(host, false)).toHaveProperty('advice')
  })

  test.each([
    ['warehouse.example.svc', 'WAREHOUSE', 'https://warehouse.example.svc'],
    ['Snow.Example.com:8443', 'SNOW', 'https://snow.example.com:8443'],
    ['snow.example.com:443', 'SNOW', 'https://snow.example.com'],
    ['acme.snowflakecomputing.com:8443', 'ACME', 'https://acme.snowflakecomputing.com:8443'],
    ['127.0.0.1:8443', 'LOCALHOST', 'https://127.0.0.1:8443'],
    ['acme.eu-1.snowflakecomputing.com', 'ACME', 'https://acme.eu-1.snowflakecomputing.com'],
  ])('may be any name whose certificates are pinned: %s', (host, account, url) => {
    expect(addressOfHost(host, true)).toEqual({ value: { account, url } })
  })

  test.each([
    'user@snow.example.com',
    'snow.example.com/x',
    'snow.example.com#x',
    'https://snow.example.com',
    'snow.example.com:99999',
    'snow..example.com',
    'snow',
    '10.0.0.1',
    '[fd00::1]',
    'snöw.example.com',
  ])('is never something else than a name, pinned or not: %s', (host) => {
    expect(addressOfHost(host, true)).toHaveProperty('advice')
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
