import { NodeError } from '@concordat/protocol'
import { isProcessTopic } from '../aggregator/settled-pin.ts'
import type { Database, Transaction } from '../store/database.ts'
import { AwaitedDecisions } from './awaited-decisions.ts'
import type { Spine } from './spine.ts'

interface Switched {
  readonly namespace: string
  readonly database: Database
}

const markOf = (namespace: string): string => `${namespace}|processes`
const SKIPPED = 'skipped'

/** For a node that does not judge processes: takes note of the first pin that it lets pass. */
export function createNoSpine({ namespace }: Pick<Switched, 'namespace'>): Spine {
  let noted = false
  const note = async (tx: Transaction): Promise<void> => {
    if (noted) return
    await tx.insertMany('chainCheckpoints', [{ name: markOf(namespace), checkpoint: SKIPPED }], {
      skipConflicts: true,
    })
    tx.onCommit(() => {
      noted = true
    })
  }
  return {
    name: 'no processes',
    nudge: () => {},
    hook: { wants: isProcessTopic, onPinSettled: note, onBroadcastSettled: note },
    awaited: new AwaitedDecisions(),
    find: async () => undefined,
    [Symbol.asyncDispose]: async () => {},
  }
}

/** Throws CC21014 if pins were let pass: what follows from them can't be decided any more. */
export async function assertNoneSkipped({ namespace, database }: Switched): Promise<void> {
  const mark = await database.read
    .selectFrom('chainCheckpoints')
    .select('name')
    .where('name', '=', markOf(namespace))
    .executeTakeFirst()
  if (mark) throw new NodeError('CC21014', { namespace })
}
