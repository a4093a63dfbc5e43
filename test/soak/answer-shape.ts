/** What a client may get: the statuses, shapes and names that are documented, and nothing else. */

import { isObject } from '../../sidecar/json.ts'

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Names at any depth of an answer: see docs/protocol.md. */
const names = new Set([
  'data', 'code', 'message', 'success', 'headers',
  // Of a result.
  'parameters', 'name', 'value', 'rowtype', 'rowset', 'rowsetBase64', 'total', 'returned', 'queryId', 'databaseProvider',
  'finalDatabaseName', 'finalSchemaName', 'finalWarehouseName', 'finalRoleName', 'numberOfBinds', 'arrayBindSupported',
  'statementTypeId', 'version', 'sendResultTime', 'queryResultFormat', 'stats', 'chunks', 'chunkHeaders', 'resultIds', 'resultTypes',
  'x-frostgate-chunk-key', 'url', 'rowCount', 'uncompressedSize', 'compressedSize',
  'numRowsInserted', 'numRowsUpdated', 'numRowsDeleted', 'numDmlDuplicates',
  'database', 'schema', 'table', 'type', 'nullable', 'length', 'byteLength', 'precision', 'scale', 'collation', 'extTypeName',
  // Still running; a query's status.
  'getResultUrl', 'queryAbortsAfterSecs', 'progressDesc',
  'queries', 'id', 'status', 'state', 'sqlText', 'startTime', 'endTime', 'errorMessage', 'scanBytes', 'producedRows',
  // Of a refusal.
  'internalError', 'unredactedFromSecureObject', 'errorCode', 'age', 'sqlState', 'line', 'pos',
  'nextAction', 'authnMethod', 'signInOptions',
  'statementHandle', 'error_code', 'request_id', 'error', 'error_description',
  // Of a login and a renewal.
  'token', 'masterToken', 'validityInSeconds', 'masterValidityInSeconds', 'displayUserName', 'serverVersion', 'firstLogin',
  'remMeToken', 'remMeValidityInSeconds', 'healthCheckInterval', 'newClientForUpgrade', 'sessionId', 'sessionInfo',
  'databaseName', 'schemaName', 'warehouseName', 'roleName', 'idToken', 'idTokenValidityInSeconds', 'responseData',
  'mfaToken', 'mfaTokenValidityInSeconds', 'sessionToken', 'validityInSecondsST', 'validityInSecondsMT',
]) // prettier-ignore

const headerNames = new Set([
  'content-type', 'content-length', 'cache-control', 'connection', 'keep-alive', 'date', 'transfer-encoding', 'content-encoding',
]) // prettier-ignore

/** SSNs of the example data begin with 9; no real one does. */
const rawSsn = /\b9\d\d-\d\d-\d{4}\b/
const inside = /node:internal|node_modules|\.ts:\d|BEGIN [A-Z ]*PRIVATE KEY|ETMsDgAAAY/

export function leaksIn(bytes: Buffer, never: readonly string[] = []): readonly string[] {
  const text = bytes.toString('latin1')
  return [
    ...(rawSsn.test(text) ? ['a raw SSN'] : []),
    ...(inside.test(text) ? ['something of the gateway itself'] : []),
    ...never.filter((each) => text.includes(each)).map((each) => `"${each.slice(0, 20)}"`),
  ]
}

const statuses = new Set([200, 400, 404, 422])

/** A chunk that could not be had: its body is rows under 200, so there it is an HTTP error. */
const chunkFailed = 502

export function faultsOf(answer: RawAnswer, { head = false } = {}): readonly string[] {
  const { status, headers, body } = answer
  const strange = Object.keys(headers).filter((name) => !headerNames.has(name))
  const found = strange.map((name) => `header ${name}`)
  if (!statuses.has(status) && status !== chunkFailed) found.push(`status ${status}`)
  if (head && body.length === 0) return found
  if (headers['content-type'] === 'binary/octet-stream') return found
  if (headers['content-type']?.startsWith('text/plain') === true)
    return status === 404 && isRefusalText(body.toString())
      ? found
      : [...found, 'a page that is no refusal']
  return [...found, ...shapeFaults(status, parsed(body))]
}

const isRefusalText = (text: string): boolean => /\[Frostgate \w+\]/.test(text)

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

function shapeFaults(status: number, value: unknown): readonly string[] {
  if (!isObject(value)) return ['no JSON object']
  const unknown = [...namesIn(value)]
    .filter((name) => !names.has(name))
    .map((name) => `name ${name}`)
  // RFC 6749 has a shape of its own.
  if ('error_description' in value)
    return status === 400 && isRefusalText(String(value['error_description']))
      ? unknown
      : ['an OAuth error without a text']
  const { code, message, success, data } = value
  if (typeof code === 'string' && !/^\d{6}$/.test(code)) return [...unknown, `code ${code}`]
  if (success === undefined)
    return status !== 200 && typeof code === 'string' && isRefusalText(String(message))
      ? unknown
      : [...unknown, 'no envelope']
  const keys = Object.keys(value).sort().join()
  if (keys !== 'code,data,headers,message,success') unknown.push(`envelope of ${keys}`)
  if (success === true)
    return status === 200 ? unknown : [...unknown, `success under HTTP ${status}`]
  if (typeof code !== 'string') unknown.push('a failure without a code')
  if (!isObject(data) || !/^[0-9A-Z]{5}$/.test(String(data['sqlState'])))
    unknown.push('a failure without an SQLSTATE')
  if (String(message).includes('InternalError')) unknown.push('an internal error')
  return unknown
}

function namesIn(value: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (Array.isArray(value)) for (const item of value) namesIn(item, found)
  else if (isObject(value))
    for (const [name, item] of Object.entries(value)) namesIn(item, found.add(name))
  return found
}

/** What refused it, by the catalogue's name; undefined where nothing did. */
export function refusedBy({ body }: RawAnswer): string | undefined {
  return [...body.toString('utf8').matchAll(/\[Frostgate (\w+)\]/g)].at(-1)?.[1]
}

/** The answers in what came over a socket; a cut one is left out, and `rest` says how much it was. */
export function answersIn(bytes: Buffer, head: boolean): { readonly answers: readonly RawAnswer[]; readonly rest: number } {
  const answers: RawAnswer[] = []
  let at = 0
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n', at)
    if (end < 0) break
    const [line = '', ...lines] = bytes.subarray(at, end).toString('latin1').split('\r\n')
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(line)?.[1] ?? 0)
    const headers = Object.fromEntries(lines.map((each) => {
      const colon = each.indexOf(':')
      return [each.slice(0, colon).toLowerCase(), each.slice(colon + 1).trim()]
    }))
    // 100 Continue is no answer.
    if (status === 100) {
      at = end + 4
      continue
    }
    // A HEAD's answer has none of the body that it announces.
    const length = head && answers.length === 0 && status !== 400 ? 0 : Number(headers['content-length'] ?? bytes.length - end - 4)
    if (end + 4 + length > bytes.length) break
    answers.push({ status, headers, body: bytes.subarray(end + 4, end + 4 + length) })
    at = end + 4 + length
  }
  return { answers, rest: bytes.length - at }
} // prettier-ignore
