/** Everything that the broker answers. */

export type RouteName =
  | 'enrol'
  | 'stream'
  | 'bundle'
  | 'ack'
  | 'credential'
  | 'maskKeys'
  | 'recording'
  | 'approvals'
  | 'approvalsUse'
  | 'approvalsWithdraw'

export interface Route {
  readonly name: RouteName
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Bytes of a body; `recordingPiece` is of the limits. */
  readonly body: number | 'recordingPiece'
}

const kibibyte = 1024

export const routes: readonly Route[] = [
  { name: 'enrol', method: 'POST', path: '/v1/enrol', body: 32 * kibibyte },
  { name: 'stream', method: 'GET', path: '/v1/stream', body: 0 },
  { name: 'bundle', method: 'GET', path: '/v1/bundle', body: 0 },
  { name: 'ack', method: 'POST', path: '/v1/ack', body: 16 * kibibyte },
  { name: 'credential', method: 'POST', path: '/v1/credential', body: kibibyte },
  { name: 'maskKeys', method: 'GET', path: '/v1/mask-keys', body: 0 },
  { name: 'recording', method: 'POST', path: '/v1/recording', body: 'recordingPiece' },
  { name: 'approvals', method: 'POST', path: '/v1/approvals', body: 600 * kibibyte },
  { name: 'approvalsUse', method: 'POST', path: '/v1/approvals/use', body: 4 * kibibyte },
  { name: 'approvalsWithdraw', method: 'POST', path: '/v1/approvals/withdraw', body: 4 * kibibyte },
]

export function findRoute(method: string, path: string): Route | undefined {
  return routes.find((route) => route.method === method && route.path === path)
}
