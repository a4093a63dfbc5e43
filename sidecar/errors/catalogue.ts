/**
 * The one error catalogue. Every refusal has a name here, a code and SQLSTATE that drivers treat
 * as permanent, and a text that says what happened, why, and what to do instead.
 *
 * Codes are Snowflake's own where Snowflake has one for the case. `390xxx` codes steer drivers'
 * session logic (renew, log in again), so statements use them only for that or for a malformed
 * request. `docs/errors.md` is generated from this table.
 */

interface Entry {
  /** Six digits: drivers parse it as a number. */
  readonly code: string
  readonly sqlState: string
  /** What happened and why. `{name}` marks a parameter. */
  readonly text: string
  /** What to do next. */
  readonly advice: string
}

const denied = { code: '003001', sqlState: '42501' } as const
const badRequest = { code: '390400', sqlState: '08P01' } as const
const syntax = { code: '001003', sqlState: '42000' } as const
const login = { code: '390303', sqlState: '28000' } as const
const upstream = { code: '000603', sqlState: '08004' } as const

export const errorCatalogue = {
  // ── Login ──────────────────────────────────────────────────────────────────────────────────
  TokenMissing: {
    code: '390100',
    sqlState: '28000',
    text: 'The login carries no OIDC token.',
    advice:
      'Set authenticator=oauth and token (or token_file_path) to a token of one of: {providers}. A token given as the password works too.',
  },
  TokenMalformed: {
    ...login,
    text: 'The login token is not a JWT that Frostgate can read: {reason}.',
    advice: 'Pass the OIDC token unchanged, without quotes or a "Bearer" prefix.',
  },
  TokenIssuerUnknown: {
    ...login,
    text: 'The login token was issued by {issuer}, which is not an identity provider of this connection.',
    advice: 'Use a token of one of: {providers}.',
  },
  TokenInvalid: {
    ...login,
    text: 'The login token of identity provider "{provider}" was refused: {reason}.',
    advice: 'Get a new token from that provider for the audience {audiences}.',
  },
  TokenExpired: {
    code: '390318',
    sqlState: '28000',
    text: 'The login token of identity provider "{provider}" expired at {expiredAt}.',
    advice:
      'Get a new token and connect again; check the clock of this machine if the token is fresh.',
  },
  IdentityProviderUnavailable: {
    ...login,
    text: 'The signing keys of identity provider "{provider}" could not be read: {reason}.',
    advice:
      'Try again; if it stays so, tell the platform team that {issuer} is not reachable from the gateway.',
  },
  PrincipalUnmatched: {
    code: '390189',
    sqlState: '28000',
    text: 'No AgentPolicy of connection "{connection}" names {subject} (provider {provider}, groups: {groups}).',
    advice: 'Ask the owner of the connection for a policy whose subjects include this identity.',
  },
  SessionAmbiguous: {
    code: '390189',
    sqlState: '28000',
    text: 'The policies that match this identity disagree on the session {what}: {choices}.',
    advice: 'Name one of them in the connection settings.',
  },
  SessionChoiceUnavailable: {
    code: '390189',
    sqlState: '28000',
    text: 'The requested {what} {requested} is not one that policy gives this identity.',
    advice: 'Leave it out, or use: {choices}.',
  },
  UpstreamLoginFailed: {
    ...upstream,
    text: 'Frostgate could not log in to Snowflake for connection "{connection}": {reason}.',
    advice: "This is the gateway's own credential, not yours. Tell the platform team.",
  },

  // ── Session ────────────────────────────────────────────────────────────────────────────────
  AuthorizationMissing: {
    code: '390101',
    sqlState: '08001',
    text: 'The request carries no session token.',
    advice: 'Log in first.',
  },
  SessionTokenInvalid: {
    code: '390104',
    sqlState: '08001',
    text: 'The session token is not one that this gateway issued, or its session has ended.',
    advice: 'Connect again.',
  },
  SessionTokenExpired: {
    code: '390112',
    sqlState: '08001',
    text: 'The session token has expired.',
    advice: 'The driver renews it by itself.',
  },
  SessionGone: {
    code: '390111',
    sqlState: '08001',
    text: 'The session has ended: {reason}.',
    advice: 'Connect again.',
  },
  MasterTokenInvalid: {
    code: '390115',
    sqlState: '08001',
    text: 'The master token is not one that this gateway issued, or its session has ended.',
    advice: 'Connect again.',
  },
  TokenRequestRefused: {
    ...denied,
    text: 'A token request of type {type} is refused: it would hand out a token that works outside the gateway.',
    advice: 'Only RENEW is served, which drivers send by themselves.',
  },

  // ── Requests ───────────────────────────────────────────────────────────────────────────────
  RouteUnknown: {
    code: '390404',
    sqlState: '08P01',
    text: '{method} {path} is not an endpoint of this gateway.',
    advice:
      "Frostgate serves Snowflake drivers' SQL sessions only: SQL API, Cortex, Snowpipe and stage endpoints are closed.",
  },
  BodyTooLarge: {
    ...badRequest,
    text: 'The request body is larger than {limit} bytes (counted after decompression).',
    advice: 'Split the statement, or load the data by another route than binds.',
  },
  BodyUnreadable: {
    ...badRequest,
    text: 'The request body could not be read: {reason}.',
    advice: 'Send JSON, plain or gzip.',
  },
  RequestInvalid: {
    ...badRequest,
    text: 'The request is not one a Snowflake driver sends: {reason}.',
    advice: 'Use an unchanged Snowflake driver.',
  },
  RequestIdReused: {
    ...badRequest,
    text: 'requestId {requestId} was used before in this session for another statement.',
    advice: 'Use a new requestId for each statement, as drivers do by themselves.',
  },
  BindStageRefused: {
    ...denied,
    text: 'Bind values on a stage (bindStage) are refused: the gateway could not see them.',
    advice:
      'Send binds inline; drivers do so when the login parameters of this gateway are left as they are.',
  },
  DataframeAstRefused: {
    ...denied,
    text: 'A statement given only as a Snowpark dataframe AST is refused: policy reads SQL.',
    advice: 'Turn off PYTHON_SNOWPARK_USE_AST in the Snowpark session.',
  },
  AsyncRefused: {
    ...denied,
    text: 'Asynchronous execution is not served by this version of the gateway.',
    advice: 'Run the statement synchronously.',
  },
  QueryUnknown: {
    code: '000709',
    sqlState: '02000',
    text: 'Statement {queryId} is not one that this session ran, or its result is no longer held.',
    advice:
      'Results can be fetched only by the session that ran the statement, and soon after; else run it again.',
  },
  ChunkUnknown: {
    code: '000709',
    sqlState: '02000',
    text: 'This result chunk is not known or its address has expired.',
    advice: 'Run the statement again.',
  },
  StatementCanceled: {
    code: '000604',
    sqlState: '57014',
    text: 'SQL execution canceled.',
    advice: 'The client asked for it.',
  },
  InternalError: {
    code: '000603',
    sqlState: 'XX000',
    text: 'The gateway failed while handling this request; nothing was returned. Incident {incident}.',
    advice: "Tell the platform team; the incident is in the gateway's log.",
  },

  // ── SQL ────────────────────────────────────────────────────────────────────────────────────
  SqlTooLarge: {
    ...syntax,
    text: 'The statement exceeds a limit of the gateway: {limit}.',
    advice: 'Split it into smaller statements.',
  },
  SqlLexical: {
    ...syntax,
    text: 'Line {line}, column {column}: {reason}.',
    advice: '{hint}',
  },
  SqlSyntax: {
    ...syntax,
    text: 'Line {line}, column {column}: unexpected {found}; expected {expected}.',
    advice: 'Frostgate runs only SQL that it can parse to the last token. Rewrite this part.',
  },
  SqlCode: {
    ...syntax,
    text: 'Line {line}, column {column}: the code in this string is not understood: {reason}',
    advice: 'Code in strings is judged like any other SQL.',
  },
  SqlSeveralStatements: {
    ...denied,
    text: 'The text holds {count} statements.',
    advice: 'Send one statement per call.',
  },
  SqlEmpty: {
    code: '000900',
    sqlState: '42601',
    text: 'The statement is empty.',
    advice: 'Send a statement.',
  },
  SqlRoundTrip: {
    ...denied,
    text: 'The statement did not survive being read and written again by the gateway, so what would run is not certain.',
    advice: 'Rewrite it more plainly, and report the statement to the Frostgate project.',
  },
  StatementUnsupported: {
    ...denied,
    text: '{kind} statements are not run by this version of the gateway.',
    advice: 'Queries, SHOW/DESCRIBE, USE, ALTER SESSION and transactions are.',
  },
  DynamicRefused: {
    ...denied,
    text: '{what} at line {line}, column {column}: what it names is decided at run time, so policy cannot judge it.',
    advice: "Write the object's name into the statement.",
  },
  StageRefused: {
    ...denied,
    text: 'Stage {stage} is read as a table. No policy rule allows stages.',
    advice: 'Query tables or views instead.',
  },

  // ── Policy and masking ─────────────────────────────────────────────────────────────────────
  PolicyDenied: {
    ...denied,
    text: '{statement} is denied by rule "{rule}" of AgentPolicy "{policy}".',
    advice: '{message}',
  },
  PolicyUncovered: {
    ...denied,
    text: 'No policy rule allows {access} for this identity. Policies consulted: {policies}.',
    advice: '{hint}',
  },
  FunctionNotAllowed: {
    ...denied,
    text: 'Function {function} is not on the list of functions that agents may call.',
    advice:
      'Use built-in deterministic functions, or ask the policy owner to list it under functions in an Allow rule.',
  },
  ObjectUnknown: {
    code: '002003',
    sqlState: '02000',
    text: 'Object {object} does not exist or is not visible to role {role}.',
    advice:
      'Check the spelling, or qualify it as DATABASE.SCHEMA.NAME; SHOW TABLES lists what is there.',
  },
  ObjectUnqualified: {
    code: '090105',
    sqlState: '22000',
    text: 'Object {object} is not fully qualified and the session has no current {missing}.',
    advice: 'Write it as DATABASE.SCHEMA.NAME, or run USE first.',
  },
  ViewUnreadable: {
    ...denied,
    text: 'View {view} cannot be checked for protected columns: {reason}.',
    advice: 'Query the tables behind it, or ask its owner to let role {role} read its definition.',
  },
  ColumnUseRefused: {
    ...denied,
    text: 'Column {column} is masked by MaskingRule "{rule}" and is used in {usage} (line {line}, column {position}). On masked values this would give a wrong answer.',
    advice:
      'Protected columns may only be selected. Filter, join or group on another column, such as {suggestion}.',
  },
  ColumnUnresolvable: {
    ...denied,
    text: 'Column {column} in {usage} could not be traced, and {object} has masked columns.',
    advice:
      "Check its spelling (DESCRIBE TABLE lists the columns), or qualify it with its table's alias.",
  },
  MaskUnmatched: {
    ...denied,
    text: 'MaskingRule "{rule}" protects column {column}, which is not there, or not visible to the gateway; it may go by another name now.',
    advice: 'Ask the owner of the rule to correct it. Until then schema {schema} is closed.',
  },
  MaskImpossible: {
    ...denied,
    text: 'Column {column} has type {type}, for which mask "{method}" of MaskingRule "{rule}" gives no valid value.',
    advice: 'Ask the owner of the rule to use null, which fits every type.',
  },
  ConstructOnProtected: {
    ...denied,
    text: '{construct} cannot be used on {object}, which has masked columns.',
    advice: 'Use a plain SELECT from it.',
  },
  SessionParameterRefused: {
    ...denied,
    text: 'Session parameter {parameter} may not be set through the gateway: {reason}.',
    advice: 'Allowed: {allowed}.',
  },
  UseRefused: {
    ...denied,
    text: 'USE {object} {name} is refused: {reason}.',
    advice: 'Allowed here: {allowed}.',
  },
  RowLimitExceeded: {
    ...denied,
    text: 'The result has {rows} rows; the limit for this identity is {limit} rows per statement.',
    advice: 'Add a filter or LIMIT {limit}, or aggregate.',
  },
  RateLimited: {
    ...denied,
    text: 'More than {limit} statements in a minute.',
    advice: 'Wait {seconds} s, then go on more slowly.',
  },

  // ── Upstream ───────────────────────────────────────────────────────────────────────────────
  UpstreamFailed: {
    ...upstream,
    text: '{message}',
    advice: '',
  },
  UpstreamFailedRedacted: {
    ...upstream,
    text: 'Snowflake refused the statement with error {code} ({meaning}). Its text is withheld, because it may quote values of masked columns.',
    advice:
      'Check casts, arithmetic and names in the statement; masked columns hold mask values here.',
  },
  UpstreamUnavailable: {
    ...upstream,
    text: 'Snowflake could not be reached or did not answer: {reason}.',
    advice: 'Try again. The statement may or may not have run.',
  },
  UpstreamAnswerRefused: {
    ...upstream,
    text: "Snowflake's answer was withheld: {reason}.",
    advice: 'Report this to the platform team with the statement id.',
  },
  RecordingUnavailable: {
    ...upstream,
    text: 'Nothing was returned, because the gateway could not record it: {reason}.',
    advice: 'Tell the platform team (full disk?). Nothing runs unrecorded.',
  },
} as const satisfies Record<string, Entry>
