import { getEvents } from '@concordat/protocol/routes'
import type { CallOptions } from './client.ts'
import type { FlowTypes, ProcessOf } from './flow-types.ts'
import type { ProcessDeps } from './processes.ts'

interface Deps<F extends FlowTypes> extends ProcessDeps {
  readonly get: (options?: CallOptions) => Promise<ProcessOf<F>>
}

/** After these nothing changes any more. */
const FINAL = new Set(['closed', 'refused'])

/**
 * Yields a process as it is, and whenever it has changed. The stream begins at an event before the first look, and a new
 * connection begins there again: nothing is missed, and what was seen is not yielded twice.
 */
export async function* watchProcess<F extends FlowTypes>(
  id: string,
  { call, events, get }: Deps<F>,
  options: CallOptions = {},
): AsyncGenerator<ProcessOf<F>, void> {
  const [newest] = await call(getEvents, { query: { limit: 1 } }, options)
  let seen = await get(options)
  yield seen
  if (FINAL.has(seen.status)) return
  await using stream = events({
    ...options,
    ephemeral: true,
    filter: { events: '^process_', topic: `^ffp-${id}$` },
    options: { firstEvent: newest ? String(newest.sequence) : 'oldest' },
  })
  for await (const event of stream) {
    if (event.process && !hasChanged(seen, event.process)) continue
    const now = await get(options)
    if (!hasChanged(seen, now)) continue
    seen = now
    yield seen
    if (FINAL.has(seen.status)) return
  }
}

const hasChanged = (before: Moment, now: Moment): boolean =>
  before.n !== now.n || before.status !== now.status || before.updated !== now.updated

type Moment = { readonly n: number; readonly status: string; readonly updated: string }
