/** Findings for people: one paragraph each, and what to paste. */

import type { Marks } from '../../sidecar/recording/render.ts'
import { visible, wrapText } from '../explain/wrap.ts'
import { counted } from '../output.ts'
import { severities, type Finding } from './finding.ts'

const width = 92

export function* renderFindings(findings: readonly Finding[], marks: Marks): Generator<string> {
  for (const finding of findings) yield* renderFinding(finding, marks)
  yield findings.length === 0 ? marks.good('Nothing to say.') : summary(findings)
}

function* renderFinding(finding: Finding, marks: Marks): Generator<string> {
  const { severity, check, subject, place, message, advice, paste } = finding
  const mark = severity === 'error' ? marks.bad : marks.strong
  const where =
    place?.file === undefined ? '' : `${place.file}:${place.line ?? 0}:${place.column ?? 0} `
  yield `${mark(severity)} ${marks.faint(check)}  ${visible(`${where}${subject ?? ''}`)}`.trimEnd()
  for (const line of wrapText(`${message}. ${advice}`, width)) yield `  ${visible(line)}`
  for (const line of paste?.trimEnd().split('\n') ?? []) yield `    ${visible(line)}`
  yield ''
}

function summary(findings: readonly Finding[]): string {
  const counts = severities.map((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length
    return count === 0 ? [] : [counted(count, severity)]
  })
  return `${counts.flat().join(', ')}.`
}
