const ASKED = ['auth-missing', 'action-unauthenticated', 'ownership-missing', 'error-unhandled']

/** What the four rules on who may do what say with high confidence, in order. */
export function saidOf(report: {
  readonly findings: readonly { readonly rule: string; readonly confidence: string }[]
  readonly faults: readonly unknown[]
}): string[] {
  if (report.faults.length > 0) throw new Error(JSON.stringify(report.faults))
  const said = report.findings.filter(({ rule, confidence }) => confidence === 'high' && ASKED.includes(rule))
  return said.map(({ rule }) => rule).toSorted()
}
