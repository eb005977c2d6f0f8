import { formatTime, NodeError, padTime } from '@concordat/protocol'
import type { Chain, ChainEvent, ChainPage, ContractLocation } from '../chain/chain.ts'
import type { EventLog } from '../events/log.ts'
import type { Logger } from '../lib/logger.ts'
import type { World } from '../lib/world.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { BlockchainEventRow, PinRow } from '../store/schema.ts'

export interface ChainReaderDeps {
  readonly namespace: string
  readonly world: World
  readonly log: Logger
  readonly database: Database
  readonly events: EventLog
  readonly chain: Chain
  readonly contract: ContractLocation
  readonly firstEvent: string | undefined
  /** Told after each commit. */
  readonly onPins: (pins: readonly PinRow[]) => void
  /** Index of the contract among those of the namespace; 0 if absent. */
  readonly contractIndex?: number
  /**
   * Asked about each network action, when all that comes before it is written. `ended`: nothing of this contract counts
   * from there on, and the reader stops. The same action may be asked about again after a restart.
   */
  readonly onNetworkAction: (event: ChainEvent, signal: AbortSignal) => Promise<'ended' | undefined>
  /** The chain contradicts what was final: nothing may be decided any more. */
  readonly onFork: (reason: string) => void
}

/** Reads final events in chain order and writes each page with its checkpoint, in one transaction. */
export function startChainReader(deps: ChainReaderDeps): AsyncDisposable {
  const stop = new AbortController()
  const done = readForEver(deps, stop.signal)
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await done
    },
  }
}

async function readForEver(deps: ChainReaderDeps, signal: AbortSignal): Promise<void> {
  let pause = 0
  const onPage = (): void => {
    pause = 0
  }
  while (!signal.aborted) {
    try {
      if ((await readPages(deps, signal, onPage)) === 'ended') return
    } catch (error) {
      if (signal.aborted) return
      if (isFork(error)) {
        deps.log.error({ err: error }, 'the chain contradicts what was final; this namespace stops')
        return deps.onFork(error.message)
      }
      deps.log.warn({ err: error }, 'reading the chain failed; it is tried again')
    }
    pause = Math.min(pause === 0 ? 100 : pause * 2, 10_000)
    await deps.world.sleep(pause, signal).catch(() => {})
  }
}

async function readPages(
  deps: ChainReaderDeps,
  signal: AbortSignal,
  onPage: () => void,
): Promise<'ended' | undefined> {
  const options = deps.firstEvent === undefined ? {} : { firstEvent: deps.firstEvent }
  const from = await loadMark(deps, checkpointName(deps))
  // What comes before it is written, and the next page may be cut in another way.
  const begun = await loadMark(deps, actionName(deps))
  for await (const { events, checkpoint } of deps.chain.pages(
    deps.contract,
    from,
    signal,
    options,
  )) {
    const fresh = events.filter(({ protocolId }) => begun === null || protocolId >= begun)
    if ((await takePage(deps, { events: fresh, checkpoint }, signal)) === 'ended') return 'ended'
    onPage()
  }
  return undefined
}

const isFork = (error: unknown): error is NodeError =>
  error instanceof NodeError && (error.code === 'CC20103' || error.code === 'CC20105')

const checkpointName = ({ namespace, contract }: ChainReaderDeps): string =>
  `${namespace}|${contract.address}`

/** Where, inside of a page, a network action is: what comes before it is written. */
const actionName = (deps: ChainReaderDeps): string => `${checkpointName(deps)}|action`

async function loadMark({ database }: ChainReaderDeps, name: string): Promise<string | null> {
  const row = await database.read
    .selectFrom('chainCheckpoints')
    .select('checkpoint')
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.checkpoint ?? null
}

const saveMark = async (tx: Transaction, name: string, checkpoint: string): Promise<void> =>
  void (await tx.db
    .insertInto('chainCheckpoints')
    .values({ name, checkpoint })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ checkpoint }))
    .execute())

const isNetworkAction = ({ action, contexts }: ChainEvent): boolean =>
  !PIN_ACTIONS.has(action) && action.startsWith('firefly:') && contexts.length === 0

/** Writes a page, up to the network action that ends the contract if there is one. */
async function takePage(
  deps: ChainReaderDeps,
  { events, checkpoint }: ChainPage,
  signal: AbortSignal,
): Promise<'ended' | undefined> {
  const { database } = deps
  const actions = events.filter(isNetworkAction)
  let rest = events
  for (const action of actions) {
    const before = rest.slice(0, rest.indexOf(action))
    rest = rest.slice(before.length + 1)
    await database.transaction(async (tx) => {
      if (before.length > 0) await writeEvents(deps, tx, before)
      await saveMark(tx, actionName(deps), action.protocolId)
    })
    if ((await deps.onNetworkAction(action, signal)) === 'ended') return 'ended'
  }
  await database.transaction(async (tx) => {
    if (rest.length > 0) await writeEvents(deps, tx, rest)
    if (actions.length > 0)
      await tx.db.deleteFrom('chainCheckpoints').where('name', '=', actionName(deps)).execute()
    await saveMark(tx, checkpointName(deps), checkpoint)
  })
  return undefined
}

const PIN_ACTIONS = new Map([
  ['firefly:batch_pin', 'batch_pin'],
  ['firefly:contract_invoke_pin', 'contract_invoke_pin'],
])

async function writeEvents(
  deps: ChainReaderDeps,
  tx: Transaction,
  events: readonly ChainEvent[],
): Promise<void> {
  const known = events.filter(({ action }) => PIN_ACTIONS.has(action))
  await writeTransactions(deps, tx, known)
  const first = tx.sequence('blockchainEvents', known.length)
  const rows = known.map((event, i) => toBlockchainEvent(deps, event, first + i))
  await tx.insertMany('blockchainEvents', rows, { skipConflicts: true })
  await deps.events.append(
    tx,
    rows.map(({ id, txId }) => ({
      type: 'blockchain_event_received',
      reference: id,
      tx: txId,
      topic: 'ff_batch_pin',
    })),
  )
  let seq = tx.sequence(
    'pins',
    known.reduce((sum, { contexts }) => sum + contexts.length, 0),
  )
  const pins = known.flatMap((event) =>
    event.contexts.map((hash, idx) => toPin(deps, event, { seq: seq++, hash, idx })),
  )
  await tx.insertMany('pins', pins, { skipConflicts: true })
  tx.onCommit(() => deps.onPins(pins))
}

async function writeTransactions(
  { namespace }: ChainReaderDeps,
  tx: Transaction,
  events: readonly ChainEvent[],
): Promise<void> {
  if (events.length === 0) return
  const ids = events.map(({ txId }) => txId)
  const rows = await tx.db
    .selectFrom('transactions')
    .select(['id', 'seq', 'blockchainIds'])
    .where('namespace', '=', namespace)
    .where('id', 'in', ids)
    .execute()
  const here = new Map(rows.map((row) => [row.id, row]))
  for (const event of events) {
    const row = here.get(event.txId)
    if (!row) continue
    const blockchainIds = [
      ...new Set([...(row.blockchainIds?.split(',') ?? []), event.transactionHash.toLowerCase()]),
    ]
      .sort()
      .join(',')
    await tx.db
      .updateTable('transactions')
      .set({ blockchainIds })
      .where('seq', '=', row.seq)
      .execute()
  }
  const fresh = [
    ...new Map(
      events.filter(({ txId }) => !here.has(txId)).map((event) => [event.txId, event]),
    ).values(),
  ]
  const first = tx.sequence('transactions', fresh.length)
  await tx.insertMany(
    'transactions',
    fresh.map((event, i) => ({
      seq: first + i,
      namespace,
      id: event.txId,
      type: PIN_ACTIONS.get(event.action) ?? 'batch_pin',
      created: padTime(formatTime(event.timestamp * 1000)),
      idempotencyKey: null,
      blockchainIds: event.transactionHash.toLowerCase(),
    })),
  )
}

function toBlockchainEvent(
  { namespace, world, chain }: ChainReaderDeps,
  event: ChainEvent,
  seq: number,
): BlockchainEventRow {
  const { signer, action, batchHash, payloadRef, contexts } = event
  const uuids = `0x${event.txId}${event.batchId}`.replaceAll('-', '')
  return {
    seq,
    namespace,
    id: world.uuid(),
    source: chain.name,
    name: 'BatchPin',
    listener: null,
    protocolId: event.protocolId,
    output: JSON.stringify({
      author: signer,
      timestamp: String(event.timestamp),
      action,
      uuids,
      batchHash: `0x${batchHash}`,
      payloadRef,
      contexts: contexts.map((context) => `0x${context}`),
    }),
    info: JSON.stringify({
      address: event.contract,
      blockNumber: String(event.blockNumber),
      blockHash: event.blockHash,
      transactionHash: event.transactionHash,
      transactionIndex: `0x${event.transactionIndex.toString(16)}`,
      logIndex: String(event.logIndex),
      signature: 'BatchPin(address,uint256,string,bytes32,bytes32,string,bytes32[])',
    }),
    timestamp: padTime(formatTime(event.timestamp * 1000)),
    txType: PIN_ACTIONS.get(action) ?? null,
    txId: event.txId,
    txBlockchainId: event.transactionHash.toLowerCase(),
  }
}

function toPin(
  { namespace, world, contractIndex = 0 }: ChainReaderDeps,
  event: ChainEvent,
  { seq, hash, idx }: { seq: number; hash: string; idx: number },
): PinRow {
  return {
    seq,
    namespace,
    masked: event.payloadRef === '' ? 1 : 0,
    hash,
    batch: event.batchId,
    batchHash: event.batchHash,
    idx,
    dispatched: 0,
    signer: event.signer,
    created: padTime(formatTime(world.now())),
    protocolId: event.protocolId,
    payloadRef: event.payloadRef,
    txId: event.txId,
    contract: contractIndex,
  }
}
