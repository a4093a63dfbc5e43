import { describe, expect, test } from 'vitest'

import { matchRoute } from '../../../sidecar/wire/routes.ts'

const id = '01ab2345-6789-4abc-8def-0123456789ab'

describe('the route table', () => {
  test.each([
    ['POST', '/session/v1/login-request', 'login'],
    ['POST', '/session/token-request', 'renew'],
    ['POST', '/session', 'logout'],
    ['POST', '/queries/v1/query-request', 'query'],
    ['GET', `/queries/${id}/result`, 'result'],
    ['POST', `/queries/${id}/abort-request`, 'abortById'],
    ['GET', `/monitoring/queries//${id}`, 'monitor'],
    ['POST', '/telemetry/send/sessionless', 'telemetry'],
  ])('%s %s is %s', (method, path, name) => {
    expect(matchRoute(method, path)?.route.name).toBe(name)
  })

  test.each([
    ['POST', '/api/v2/statements'],
    ['GET', '/api/v2/databases'],
    ['POST', '/session/authenticator-request'],
    ['POST', '/oauth/token-request'],
    ['GET', '/monitoring/queries'],
    ['GET', '/queries/v1/query-request'],
    ['DELETE', '/session'],
    ['POST', '/v1/data/pipes/p/insertFiles'],
    ['GET', '/queries/../session/result'],
    ['GET', `/queries/${id}/result/extra`],
    ['GET', '/chunks/guess'],
    ['GET', '/'],
    ['POST', '/SESSION'],
  ])('%s %s is nothing', (method, path) => {
    expect(matchRoute(method, path)).toBeUndefined()
  })
})
