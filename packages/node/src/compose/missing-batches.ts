import { padTime } from '@concordat/protocol'
import { sql } from 'kysely'
import { type Stage, startStage } from '../lib/stage.ts'
import type { PinRow } from '../store/schema.ts'
import type { Deciding } from './deciding.ts'
import type { Foundation } from './foundation.ts'
import { requestPrivateBatch } from './request-private-batch.ts'

type Missing = Pick<PinRow, 'batchHash'>

interface Wanted extends Missing {
  /** A context waits for it: so it is ours. */
  readonly isAwaited: boolean
}

/** How long an author may take to send a batch again before others are asked for it. */
const PATIENCE_MS = 10_000
const LOOK_MS = 1_000
const MAX_DELAY_MS = 60_000
const PAGE = 16

/**
 * Asks the other members for private batches that were sent here once, or should have been: those that a context waits for,
 * and, on a database that is younger than our registration, those that we had before we lost them.
 */
export function startMissingBatches(base: Foundation, deciding: Deciding): Stage {
  const { world, log } = base
  const asked = new Map<string, Attempt>()
  let mayHaveLost = true

  return startStage({
    name: `missing batches ${base.namespace}`,
    idleMs: LOOK_MS,
    world,
    onError: (err) => log.error({ err }, 'missing private batches can not be asked for'),
    async step() {
      const lost = mayHaveLost ? await findLost(base) : 'none'
      const batches = lost === 'none' ? [] : lost.batches
      const wanted = [
        ...awaited(base, deciding),
        ...batches.map((pin) => ({ ...pin, isAwaited: false })),
      ]
      mayHaveLost = lost !== 'none' && !(lost.isAll && batches.every(isGivenUp(asked)))
      forget(asked, wanted)
      const due = wanted.filter(({ batchHash }) => isDue(asked.get(batchHash), world.now()))
      const page = due.slice(0, PAGE)
      await Promise.all(page.map((pin) => ask(base, deciding, asked, pin)))
      return due.length > page.length
    },
  })
}

interface Lost {
  readonly batches: readonly Missing[]
  /** Nothing more of that time is to be read from the chain. */
  readonly isAll: boolean
}

interface Attempt {
  readonly count: number
  /** Milliseconds since 1970: not before. */
  readonly due: number
}

/** Nobody has it for us: most of those were never ours. */
const isGivenUp =
  (asked: ReadonlyMap<string, Attempt>) =>
  ({ batchHash }: Missing): boolean =>
    asked.get(batchHash)?.due === Number.POSITIVE_INFINITY

const isDue = (attempt: Attempt | undefined, now: number): boolean =>
  attempt === undefined || attempt.due <= now

async function ask(
  base: Foundation,
  deciding: Deciding,
  asked: Map<string, Attempt>,
  { batchHash, isAwaited }: Wanted,
): Promise<void> {
  const count = asked.get(batchHash)?.count ?? 0
  const answer = await requestPrivateBatch({ ...base, ...deciding }, { batchHash })
  const delay = Math.min(MAX_DELAY_MS, LOOK_MS * 2 ** count)
  const due =
    answer === 'absent' && !isAwaited ? Number.POSITIVE_INFINITY : base.world.now() + delay
  asked.set(batchHash, { count: Math.min(count + 1, 10), due })
}

function forget(asked: Map<string, Attempt>, wanted: readonly Missing[]): void {
  const still = new Set(wanted.map(({ batchHash }) => batchHash))
  for (const hash of asked.keys()) if (!still.has(hash)) asked.delete(hash)
}

/** Batches that contexts have waited for longer than it takes to bring them. */
function awaited({ world }: Foundation, { aggregator }: Deciding): Wanted[] {
  return aggregator
    .blocked()
    .filter(({ kind, block, since }) => {
      const isMissing = kind === 'private' && block.kind === 'missing_payload'
      return isMissing && since + PATIENCE_MS <= world.now()
    })
    .map(({ block }) => ({ batchHash: block.pin.batchHash, isAwaited: true }))
}

/**
 * Batches pinned while we were a member, before this database was begun: had we had them, they would be here. `none` if
 * there can be no such.
 */
async function findLost(base: Foundation): Promise<Lost | 'none'> {
  const { namespace, database, directory, nodeId, created } = base
  const own = nodeId()
  const node = own === undefined ? undefined : directory.byId(own)
  if (!node) return { batches: [], isAll: false }
  const begun = padTime(created)
  const { read } = database
  const pins = read
    .selectFrom('pins')
    .innerJoin('blockchainEvents as mined', (join) =>
      join
        .onRef('mined.protocolId', '=', 'pins.protocolId')
        .onRef('mined.namespace', '=', 'pins.namespace'),
    )
    .where('pins.namespace', '=', namespace)
  const times = pins.select('mined.timestamp')
  const { position } = node.verifier
  const registered = await times.where('pins.seq', '=', position).executeTakeFirst()
  if (!registered || registered.timestamp > begun) return 'none'
  const newest = await times.orderBy('pins.seq', 'desc').limit(1).executeTakeFirst()
  const batches = await pins
    .leftJoin('batches', (join) =>
      join
        .onRef('batches.hash', '=', 'pins.batchHash')
        .onRef('batches.namespace', '=', 'pins.namespace'),
    )
    .select('pins.batchHash')
    .distinct()
    .where('pins.masked', '=', 1)
    .where('pins.dispatched', '=', sql.lit(0))
    .where('pins.seq', '>', position)
    .where('mined.timestamp', '<=', begun)
    .where('batches.seq', 'is', null)
    .execute()
  return { batches, isAll: newest !== undefined && newest.timestamp > begun }
}
