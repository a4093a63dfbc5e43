/**
 * A request as a message of Slack. Whatever comes from statements, names and people stands in rich
 * text, of which nothing is read as a link, a mention or markup.
 */

import type { KnownBlock, RichTextBlock, RichTextSection } from '@slack/web-api'

import type { ApprovalRequest } from '../../../crds/types.ts'
import type { Phase } from '../../approvals/types.ts'
import { keyOf } from '../bookkeeping.ts'
import { actions, buttonValue } from './actions.ts'
import { escaped, line, lines, type Shown } from './text.ts'

export interface SlackMessage {
  /** For notifications and readers of screens; Slack reads it as mrkdwn. */
  readonly text: string
  readonly blocks: KnownBlock[]
}

/** Slack takes about 13,200 characters of blocks in all. */
export const mostCharacters = 12_000

interface Limits {
  readonly statement: number
  readonly text: number
  /** Entries of each list, such as objects. */
  readonly entries: number
  readonly name: number
}

/** The first that fits; the last always does. */
const levels: readonly Limits[] = [
  { statement: 3_000, text: 500, entries: 12, name: 120 },
  { statement: 1_500, text: 300, entries: 8, name: 60 },
  { statement: 500, text: 120, entries: 4, name: 40 },
]

export function messageOf(
  request: ApprovalRequest,
  phase: Phase,
  page: string | undefined,
): SlackMessage {
  const { spec } = request
  let blocks: KnownBlock[] = []
  for (const limits of levels) {
    const shown = body(request, limits)
    const foot =
      phase === 'Pending'
        ? pendingFoot(request, shown.whole, page)
        : [richText([endOf(request, phase, limits)])]
    blocks = [header(phase), ...shown.blocks, ...foot]
    if (JSON.stringify(blocks).length <= mostCharacters) break
  }
  const who = escaped(line(spec.principal.subject, 120).text)
  const where = escaped(line(spec.connectionRef.name, 120).text)
  return { text: `${titles[phase]}: ${who} on ${where}`, blocks }
}

/**
 * Whether the message shows all that an approval is of. Nobody approves by a button what they have
 * not seen: a long statement could end in what matters.
 */
export function isShownWhole(request: ApprovalRequest, page: string | undefined): boolean {
  return messageOf(request, 'Pending', page).blocks.some(
    (block) =>
      block.type === 'actions' &&
      block.elements.some((each) => 'action_id' in each && each.action_id === actions.approve),
  )
}

const titles: Readonly<Record<Phase, string>> = {
  Pending: 'A statement waits for approval',
  Approved: 'Approved',
  Denied: 'Denied',
  Expired: 'Expired: nobody decided in time',
  Used: 'Approved, and run',
  Withdrawn: 'Withdrawn: nobody waits for it any more',
  Void: 'Void: what it depended on has changed',
}

function header(phase: Phase): KnownBlock {
  return { type: 'header', text: { type: 'plain_text', text: titles[phase], emoji: false } }
}

interface Part {
  readonly label: string
  readonly shown: Shown
  /** The approval is of it. */
  readonly binding: boolean
}

function body(
  request: ApprovalRequest,
  limits: Limits,
): { readonly blocks: readonly KnownBlock[]; readonly whole: boolean } {
  const { spec } = request
  const statement = lines(spec.statement, limits.statement)
  const parts = detailsOf(request, limits)
  const whole =
    statement.whole &&
    !spec.truncated &&
    parts.every(({ binding, shown }) => !binding || shown.whole)
  const blocks: KnownBlock[] = [
    richText(parts.map(({ label, shown }) => labelled(label, shown.text))),
    {
      type: 'rich_text',
      elements: [
        {
          type: 'rich_text_preformatted',
          border: 0,
          elements: [{ type: 'text', text: statement.text }],
        },
      ],
    },
  ]
  return { blocks, whole }
}

function detailsOf({ metadata, spec }: ApprovalRequest, limits: Limits): readonly Part[] {
  const { provider, issuer, subject, run } = spec.principal
  const who = `${subject} (${provider}, ${issuer}${run === undefined ? '' : `, run ${run}`})`
  const value = ({ name, type, value: text, note }: Bind): string =>
    `${name} ${type}: ${text ?? ''}${note === undefined ? '' : ` [${note}]`}`
  const one = (label: string, text: string | undefined, binding = false): Part[] =>
    text === undefined ? [] : [{ label, shown: line(text, limits.text), binding }]
  const list = (label: string, all: readonly string[] | undefined, binding = true): Part[] =>
    all === undefined || all.length === 0 ? [] : [{ label, shown: listed(all, limits), binding }]
  const { role, warehouse } = spec
  return [
    ...one('Who', who, true),
    ...one('Connection', `${metadata.namespace ?? ''}/${spec.connectionRef.name}`, true),
    ...one('As role', warehouse === undefined ? role : `${role}, warehouse ${warehouse}`, true),
    ...list(
      'Rule',
      spec.rules.map(({ policy, rule }) => `${policy}/${rule}`),
      false,
    ),
    ...one('Why people are asked', spec.reason),
    ...one('The agent says (unchecked)', spec.agentReason),
    ...list(
      'Objects',
      spec.objects?.map(({ name, access }) => `${access} ${name}`),
    ),
    ...list('Bound values', spec.binds?.map(value)),
    ...list(
      'Session variables',
      spec.variables?.map((each) => `${each.name} = ${each.value}`),
    ),
    ...list('Stays masked', spec.maskedColumns, false),
    ...one('Rows at most', spec.estimatedRows?.toString()),
    ...one('Approvals needed', String(spec.approvers.count)),
    ...one('Runs by it', spec.uses > 1 ? `${spec.uses} within ${spec.validFor}` : undefined),
    ...one('Open until', spec.expiresAt),
    ...one('Request', `${metadata.name} ${spec.statementDigest.slice(0, 23)}…`),
  ]
}

type Bind = NonNullable<ApprovalRequest['spec']['binds']>[number]

function listed(all: readonly string[], { entries, name }: Limits): Shown {
  const shown = all.slice(0, entries).map((each) => line(each, name))
  const more = all.length - shown.length
  const text = shown.map((each) => each.text).join('\n  ')
  return {
    text: `\n  ${text}${more > 0 ? `\n  and ${more} more` : ''}`,
    whole: more === 0 && shown.every(({ whole }) => whole),
  }
}

function richText(elements: RichTextSection[]): RichTextBlock {
  return { type: 'rich_text', elements }
}

function labelled(label: string, text: string): RichTextSection {
  return {
    type: 'rich_text_section',
    elements: [
      { type: 'text', text: `${label}: `, style: { bold: true } },
      { type: 'text', text: `${text}\n` },
    ],
  }
}

function pendingFoot(
  request: ApprovalRequest,
  whole: boolean,
  page: string | undefined,
): KnownBlock[] {
  const value = buttonValue(keyOf(request), request.spec.statementDigest)
  const label = (text: string) => ({ type: 'plain_text', text, emoji: false }) as const
  const note = richText([
    labelled(
      'Not all of it fits here',
      'read it whole, and approve it, on the page or by frostgate',
    ),
  ])
  const buttons = [
    ...(whole
      ? [
          {
            type: 'button',
            action_id: actions.approve,
            text: label('Approve'),
            style: 'primary',
            value,
            confirm: {
              title: label('Approve this statement?'),
              text: label('It runs as it is shown. You are recorded as who approved it.'),
              confirm: label('Approve'),
              deny: label('Not yet'),
            },
          } as const,
        ]
      : []),
    {
      type: 'button',
      action_id: actions.deny,
      text: label('Deny…'),
      style: 'danger',
      value,
    } as const,
    ...(page === undefined
      ? []
      : [{ type: 'button', action_id: actions.open, text: label('Open'), url: page } as const]),
  ]
  return [...(whole ? [] : [note]), { type: 'actions', elements: buttons }]
}

function endOf({ status }: ApprovalRequest, phase: Phase, { text }: Limits): RichTextSection {
  const said = (status?.decisions ?? []).slice(-4).map(({ username, via, verdict, reason }) => {
    const how = `${verdict === 'Deny' ? 'denied' : 'approved'} by ${line(username, text).text}`
    const why = reason === undefined ? '' : `: ${line(reason, text).text}`
    return `${how}${via === undefined ? '' : ` (${via})`}${why}`
  })
  return labelled(titles[phase], said.length === 0 ? '' : said.join('\n'))
}
