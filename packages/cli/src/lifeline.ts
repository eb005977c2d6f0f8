/** The process that started this one, when it was started by `concordat dev`. */
export interface Lifeline {
  /** Says that everything runs. */
  ready(facts: object): void
  /** Aborts when the parent is gone, or when `stop` does. */
  readonly signal: AbortSignal
}

/** Ties this process to its parent: the channel between them closes when the parent ends, however it ends. */
export function tieToParent(stop: AbortSignal): Lifeline {
  const gone = new AbortController()
  const onGone = (): void => gone.abort('the parent is gone')
  if (process.connected) process.once('disconnect', onGone)
  else if (process.send !== undefined) onGone()
  // The channel alone is no reason to go on running.
  process.channel?.unref()
  return {
    ready: (facts) => {
      if (process.connected) process.send?.(facts)
    },
    signal: AbortSignal.any([stop, gone.signal]),
  }
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

/** Last words for the process that started this one: the log they stand in may be on a full disk. */
export async function tellParent(complaint: string | undefined): Promise<void> {
  if (complaint === undefined || !process.connected) return
  await new Promise<void>((resolve) => {
    process.send?.({ complaint }, undefined, undefined, () => resolve())
  })
}

/** What a child's last words are; undefined for another message. */
export const complaintIn = (message: unknown): string | undefined =>
  typeof message === 'object' &&
  message !== null &&
  'complaint' in message &&
  typeof message.complaint === 'string'
    ? message.complaint
    : undefined
