/** What belongs to a statement: values, objects, columns that stay masked, and how it would run. */

import { html } from 'hono/html'

import type { ApprovalRequest } from '../../../crds/types.ts'
import { onlyReads } from '../../approvals/reading.ts'
import { code, named, when, type Html } from './text.ts'

type Spec = ApprovalRequest['spec']

/** Longer lists are folded up. */
const atOnce = 24

export function parts({ spec }: ApprovalRequest): Html {
  return html`${changes(spec)}${objects(spec)}${masked(spec)}${binds(spec)}${variables(spec)}${setting(spec)}`
}

function section(id: string, title: string, body: Html): Html {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${body}
  </section>`
}

/** That nothing changes is said only where all that is known of it says so. */
function changes(spec: Spec): Html {
  const { objects: all = [] } = spec
  const changed = all.filter(({ access }) => !onlyReads(access))
  const rows =
    spec.estimatedRows === undefined
      ? ''
      : html`<p class="faint">
          The largest object has about ${spec.estimatedRows.toLocaleString('en')} rows.
        </p>`
  if (changed.length > 0)
    return section(
      'changes',
      'What changes',
      html`<ul class="plain changes">
          ${changed.map(({ name, access }) => html`<li>${named(access)} of <code>${named(name)}</code></li>`)}
        </ul>
        ${rows}`,
    )
  const isRead = spec.class !== undefined && onlyReads(spec.class)
  return section(
    'changes',
    'What changes',
    html`<p>
        ${
          isRead
            ? 'Nothing: it only reads.'
            : 'The objects that it changes are not listed. Read the statement.'
        }
      </p>
      ${rows}`,
  )
}

function objects({ objects: all = [] }: Spec): Html | '' {
  if (all.length === 0) return ''
  return section(
    'objects',
    'Objects',
    html`<div class="scroll" tabindex="0" role="region" aria-labelledby="objects">
      <table>
        <thead>
          <tr>
            <th scope="col">Object</th>
            <th scope="col">Access</th>
            <th scope="col">Last altered</th>
          </tr>
        </thead>
        <tbody>
          ${all.map(
            ({ name, access, lastDDL }) =>
              html`<tr>
                <td><code>${named(name)}</code></td>
                <td>
                  <span class="tag ${onlyReads(access) ? '' : 'changing'}">${named(access)}</span>
                </td>
                <td class="altered">${lastDDL === undefined ? 'unknown' : altered(lastDDL)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`,
  )
}

function altered(text: string): Html {
  return Number.isNaN(Date.parse(text)) ? named(text) : when(text)
}

function masked({ maskedColumns: all = [] }: Spec): Html | '' {
  if (all.length === 0) return ''
  const item = (column: string) => html`<li><code>${named(column)}</code></li>`
  const list = (columns: readonly string[]) =>
    html`<ul class="plain names">
      ${columns.map(item)}
    </ul>`
  const rest = all.slice(atOnce)
  return section(
    'masked',
    'Columns that stay masked',
    html`<p class="faint">An approval never unmasks.</p>
      ${list(all.slice(0, atOnce))}
      ${
        rest.length === 0
          ? ''
          : html`<details>
              <summary>${rest.length} more</summary>
              ${list(rest)}
            </details>`
      }`,
  )
}

const notes = {
  Null: html`<span class="faint">NULL</span>`,
  Withheld: html`<span class="tag">withheld: protected</span>`,
  Truncated: html` <span class="tag">cut</span>`,
}

function binds({ binds: all = [] }: Spec): Html | '' {
  if (all.length === 0) return ''
  return section(
    'binds',
    'Bound values',
    values(
      'binds',
      all.map(({ name, type, value, note }) => ({
        name,
        type,
        value: html`${value === undefined ? '' : html`<code>${code(value)}</code>`}${note === undefined ? '' : notes[note]}`,
      })),
    ),
  )
}

function variables({ variables: all = [] }: Spec): Html | '' {
  if (all.length === 0) return ''
  return section(
    'variables',
    'Session variables that it reads',
    values(
      'variables',
      all.map(({ name, value }) => ({
        name: `$${name}`,
        value: html`<code>${code(value)}</code>`,
      })),
    ),
  )
}

interface Value {
  readonly name: string
  readonly type?: string
  readonly value: Html
}

function values(id: string, all: readonly Value[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}">
    <table>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        ${all.map(
          ({ name, type, value }) =>
            html`<tr>
              <th scope="row">
                <code>${named(name)}</code
                >${type === undefined ? '' : html` <span class="faint">${named(type)}</span>`}
              </th>
              <td>${value}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

function setting(spec: Spec): Html {
  const facts = (
    [
      ['Connection', spec.connectionRef.name],
      ['Role', spec.role],
      ['Warehouse', spec.warehouse],
      ['Database', spec.database],
      ['Schema', spec.schema],
    ] as const
  ).filter((fact): fact is readonly [(typeof fact)[0], string] => fact[1] !== undefined)
  return section(
    'setting',
    'Where it would run',
    html`<dl class="facts">
      ${facts.map(
        ([term, value]) =>
          html`<div>
            <dt>${term}</dt>
            <dd><code>${named(value)}</code></dd>
          </div>`,
      )}
    </dl>`,
  )
}
