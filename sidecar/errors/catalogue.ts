/**
 * The one error catalogue. Every refusal has a name here, a code and SQLSTATE that drivers treat
 * as permanent, and a text that says what happened, why, and what to do instead.
 *
 * Codes are Snowflake's own where Snowflake has one for the case. `390xxx` codes steer drivers'
 * session logic (renew, log in again), so statements use them only for that or for a malformed
 * request. `docs/errors.md` is generated from this table.
 */

import { badRequest, denied, login, syntax, upstream, type Entry } from './entry.ts'
import { maskingErrors } from './masking.ts'
import { objectErrors } from './objects.ts'
import { policyErrors } from './policy.ts'

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
  SessionParameterConflict: {
    code: '390189',
    sqlState: '28000',
    text: 'The policies that match this identity disagree on the session parameter {parameter}: AgentPolicy "{policy}" sets {value}, "{other}" sets {otherValue}.',
    advice: 'Ask the policy owner to set it in one of them only, or to the same value.',
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

  SessionsExhausted: {
    ...upstream,
    text: '{who} has {open} sessions open, which is all that it may have.',
    advice:
      'Close connections that are not used any more, and share one among threads; sessions end by themselves after hours without a request.',
  },
  LoginsUnrecorded: {
    ...login,
    text: '{count} more logins were refused within {seconds} s, and not recorded one by one.',
    advice: 'A client logs in again and again: see the refusals recorded before this one.',
  },

  ConnectionClosed: {
    ...upstream,
    text: 'This connection is closed: {reason}.',
    advice:
      'Nothing runs until it is open again. Try later; if it stays so, tell the platform team.',
  },
  ConnectionSuspended: {
    ...upstream,
    text: 'Connection "{connection}" is suspended for everybody: {reason}.',
    advice:
      'Nothing runs until that is taken back. Connecting again does not help: ask whoever runs the connection.',
  },
  PrincipalSuspended: {
    ...upstream,
    text: '{subject} (provider {provider}) is suspended on connection "{connection}": {reason}.',
    advice:
      'Nothing of this identity runs until that is taken back. Connecting again does not help: ask whoever runs the connection.',
  },

  CredentialUnavailable: {
    ...upstream,
    text: 'Frostgate has no Snowflake credential for connection "{connection}": {reason}.',
    advice: 'The operator holds it. Tell the platform team; then try again.',
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
  RequestsUnrecorded: {
    ...badRequest,
    text: '{count} more requests were refused within {seconds} s, and not recorded one by one.',
    advice:
      'A client asks for what is not served again and again: see the refusals recorded before.',
  },
  RouteUnknown: {
    code: '390404',
    sqlState: '08P01',
    text: '{method} {path} is not an endpoint of this gateway.',
    advice:
      "Frostgate serves Snowflake drivers' SQL sessions only: SQL API, Cortex, Snowpipe and stage endpoints are closed.",
  },
  EndpointRefused: {
    ...denied,
    text: '{title} ({method} {path}) is not served by this gateway: {why}.',
    advice: '{instead}',
  },
  ExternalSessionRefused: {
    code: '390101',
    sqlState: '08001',
    text: 'The request names a session of its own making (authenticator PAT_WITH_EXTERNAL_SESSION) and none of this gateway.',
    advice: 'Log in with authenticator=oauth and the OIDC token of this workload.',
  },
  BodyTooLarge: {
    ...badRequest,
    text: 'The request body is larger than {limit} bytes (counted after decompression).',
    advice: 'Split the statement, or load the data by another route than binds.',
  },
  BodiesTooLarge: {
    ...badRequest,
    text: 'The gateway is reading other large requests, and has no memory for one more.',
    advice: 'Send it again in a moment, or split it.',
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
  BindSchemaRefused: {
    ...denied,
    text: 'Bind {name} has a structured type (schema), which the gateway does not pass on.',
    advice: 'Bind it as text, and cast it in the statement: PARSE_JSON(?)::OBJECT(…).',
  },
  QueryUnknown: {
    code: '000709',
    sqlState: '02000',
    text: 'Statement {queryId} is not one that this identity ran in a session that is open.',
    advice:
      'A result is given to the session that ran the statement, and to others of the same identity and role while that one is open; else run it again.',
  },
  ResultForgotten: {
    code: '000709',
    sqlState: '02000',
    text: 'Statement {queryId} has ended, and its result is no longer kept: the gateway keeps the latest ones of a session, and none from before its rules changed.',
    advice: 'Run it again, and fetch the result soon after it has ended.',
  },
  NotExecuting: {
    code: '000605',
    sqlState: '57014',
    text: 'Identified SQL statement is not currently executing.',
    advice: 'It has ended, or is not one of this identity: there is nothing to cancel.',
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
    code: '000008',
    sqlState: '0A000',
    text: 'Actual statement count {count} did not match the desired statement count {desired}.',
    advice:
      'Send one statement per call, or set MULTI_STATEMENT_COUNT to their number (0 for any) with the request or by ALTER SESSION.',
  },
  SeveralNotDescribed: {
    code: '000007',
    sqlState: '0A000',
    text: '{count} statements in one request cannot be described.',
    advice: 'Describe one at a time, or run them.',
  },
  SeveralBindsRefused: {
    ...denied,
    text: 'Binds of a request with {count} statements are refused: {reason}.',
    advice:
      'Use one "?" and one value for each, counted over all statements, or send them one by one.',
  },
  SeveralStopped: {
    ...upstream,
    text: 'Statement {position} of {count}, which begins at line {line}, column {column}, ended the request; those before it have run, and none after it. {message}',
    advice: '',
  },
  SeveralTooLarge: {
    ...denied,
    text: 'The results of one request are larger than {megabytes} MB together.',
    advice: 'Send its statements one by one, or select fewer rows.',
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
    advice:
      'Queries, INSERT, UPDATE, DELETE, MERGE, COPY INTO, CREATE, ALTER and DROP of plain tables and views, SHOW/DESCRIBE and session statements are, where policy allows.',
  },
  DynamicRefused: {
    ...denied,
    text: '{what} at line {line}, column {column}: what it names is decided at run time, so policy cannot judge it.',
    advice: "Write the object's name into the statement.",
  },
  StageRefused: {
    ...denied,
    text: 'Stage {stage} is read as a table. No policy rule allows that.',
    advice: 'Query tables or views instead; COPY INTO loads from stages that a rule names.',
  },

  // ── Policy, objects and masking ────────────────────────────────────────────────────────────
  ...policyErrors,
  ...objectErrors,
  ...maskingErrors,

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
    advice: 'No statement ran. Try again; if it stays so, tell the platform team.',
  },
  StatementInDoubt: {
    ...upstream,
    text: 'The statement was sent to Snowflake and its answer was lost: {reason}. It is not known whether it ran; a cancel was sent.',
    advice: 'If it changes anything, look at what it was to change before you send it again.',
  },
  UpstreamAnswerRefused: {
    ...upstream,
    text: "Snowflake's answer was withheld: {reason}.",
    advice: 'Report this to the platform team with the statement id.',
  },
  ResultLayoutsDiffer: {
    ...upstream,
    text: 'Part of the result was withheld: it is laid out otherwise than the part before it, and this driver reads every part as the first. Its numbers would be wrong.',
    advice:
      "Run ALTER SESSION SET {parameter} = 'JSON', then the statement again. In JSON, select whole numbers beyond 64 bits as VARCHAR.",
  },
  RecordingUnavailable: {
    ...upstream,
    text: 'Nothing was returned, because the gateway could not record it: {reason}.',
    advice: 'Tell the platform team (full disk?). Nothing runs unrecorded.',
  },
} as const satisfies Record<string, Entry>
