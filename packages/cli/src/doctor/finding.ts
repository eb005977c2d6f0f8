/** One thing looked at. A fault says what to do. */
export type Finding =
  | { readonly state: 'ok'; readonly about: string; readonly says: string }
  | {
      readonly state: 'warning' | 'fault'
      readonly about: string
      readonly says: string
      readonly mend: string
    }

export const ok = (about: string, says: string): Finding => ({ state: 'ok', about, says })
export const fault = (about: string, says: string, mend: string): Finding => ({
  state: 'fault',
  about,
  says,
  mend,
})
export const warning = (about: string, says: string, mend: string): Finding => ({
  state: 'warning',
  about,
  says,
  mend,
})

const marks = { ok: 'ok     ', warning: 'warning', fault: 'FAULT  ' } as const

export function findingToLine(finding: Finding): string {
  const mend = finding.state === 'ok' ? '' : `\n         → ${finding.mend}`
  return `${marks[finding.state]}  ${finding.about}: ${finding.says}${mend}`
}

/** A check that fails in an unforeseen way is a fault of what it looked at. */
export async function guarded(
  about: string,
  mend: string,
  check: () => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    return await check()
  } catch (error) {
    return [fault(about, reasonOf(error), mend)]
  }
}

/** One line; what a client of the chain says has more of them, and its point in `details`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const [line = ''] = error.message.split('\n')
  const details = 'details' in error && typeof error.details === 'string' ? error.details : ''
  return details === '' ? line || error.name : `${line.replace(/\.$/, '')}: ${details}`
}
