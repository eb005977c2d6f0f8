import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { NodeError } from '@concordat/protocol'
import { silentLogger } from '../lib/logger.ts'
import { createSystemWorld } from '../lib/world.ts'
import type {
  Chain,
  ChainDeps,
  ChainEvent,
  Checkpoint,
  Journal,
  JournalEntry,
  Receipt,
  Submission,
} from './chain.ts'

/** A chain made for the tests, whose blocks come when the test says so. */
export interface Site extends AsyncDisposable {
  /** Its confirmation depth is 2. */
  readonly contract: string
  /** Its confirmation depth is 0, and `keys[0]` is the only writer. */
  readonly guarded: string
  /** Two keys that every opened chain can sign for. */
  readonly keys: readonly [string, string]
  open(deps: ChainDeps): Promise<Chain>
  mine(blocks: number): Promise<void>
  /** Replaces the last blocks by others; their transactions may be lost or mined anew. */
  reorganise(depth: number): Promise<void>
  /** Where `emitJunk` emits; its confirmation depth is 0. */
  readonly junkyard: string
  /** Emits an event of the pin's name with fields that make no sense. */
  emitJunk(): Promise<void>
  /** Forgets the last blocks, as after a crash with a state saved too early. */
  lose(blocks: number): Promise<void>
}

const world = createSystemWorld()

/** A journal in memory, and what a node that used it was told. */
export class Book implements Journal {
  readonly entries = new Map<string, JournalEntry>()
  readonly receipts = new Map<string, Receipt>()
  #told: (() => void)[] = []

  async find(id: string): Promise<JournalEntry | undefined> {
    return this.entries.get(id)
  }

  async lastNonce(key: string): Promise<number | undefined> {
    const own = [...this.entries.values()].filter((entry) => entry.key === key)
    return own.length > 0 ? Math.max(...own.map(({ nonce }) => nonce)) : undefined
  }

  async open(): Promise<JournalEntry[]> {
    return [...this.entries.values()].filter(({ state }) => state === 'signed')
  }

  async save(entries: readonly JournalEntry[]): Promise<void> {
    for (const entry of entries) this.entries.set(entry.id, entry)
  }

  readonly deps: ChainDeps = {
    world,
    log: silentLogger,
    journal: this,
    settled: async (receipts) => {
      for (const receipt of receipts) this.receipts.set(receipt.id, receipt)
      for (const tell of this.#told.splice(0)) tell()
    },
  }

  /** Resolves when every one of the submissions has ended. */
  async ended(ids: readonly string[]): Promise<Receipt[]> {
    while (ids.some((id) => !this.receipts.has(id))) {
      await new Promise<void>((resolve) => {
        this.#told.push(resolve)
      })
    }
    return ids.flatMap((id) => this.receipts.get(id) ?? [])
  }
}

let counter = 0

export function newPin(site: Site, key = site.keys[0], address = site.contract): Submission {
  counter += 1
  const pin = {
    txId: world.uuid(),
    batchId: world.uuid(),
    batchHash: counter.toString(16).padStart(64, '0'),
    payloadRef: counter % 2 ? '' : `Qm${counter}`,
    contexts: ['a', 'b'].map((letter) => letter.repeat(64)),
  }
  return { id: world.uuid(), key, contract: { address }, method: 'pinBatch', pin }
}

const txIdsOf = (events: readonly ChainEvent[]): string[] => events.map(({ txId }) => txId)

const txIdOf = (submission: Submission): string =>
  submission.method === 'pinBatch' ? submission.pin.txId : ''

export interface Reading {
  readonly events: readonly ChainEvent[]
  readonly checkpoint: Checkpoint | null
}

/** Reads until `count` events came. */
export async function read(
  chain: Chain,
  address: string,
  from: Checkpoint | null,
  count: number,
  firstEvent = 'oldest',
): Promise<Reading> {
  const stop = new AbortController()
  const events: ChainEvent[] = []
  let checkpoint = from
  for await (const page of chain.pages({ address }, from, stop.signal, { firstEvent })) {
    events.push(...page.events)
    checkpoint = page.checkpoint
    if (events.length >= count) stop.abort()
  }
  return { events, checkpoint }
}

/** Mines a block every few milliseconds while something is awaited. */
async function mining<T>(site: Site, awaited: Promise<T>): Promise<T> {
  let over = false
  const done = awaited.finally(() => {
    over = true
  })
  done.catch(() => {})
  while (!over) {
    await site.mine(1)
    await Promise.race([done.catch(() => {}), world.sleep(5)])
  }
  return done
}

const code = (expected: string) => (error: unknown) =>
  error instanceof NodeError && error.code === expected

async function readsWhatWasSubmitted(site: Site): Promise<void> {
  const book = new Book()
  await using chain = await site.open(book.deps)
  const profile = await chain.profile({ address: site.contract })
  assert.deepEqual(profile, { networkVersion: 2, confirmations: 2 })
  const submission = newPin(site)
  const reading = read(chain, site.contract, null, 1)
  await chain.submit(submission)
  const [receipt] = await mining(site, book.ended([submission.id]))
  const [event] = (await mining(site, reading)).events
  assert(submission.method === 'pinBatch' && event && receipt?.status === 'succeeded')
  assert.equal(event.protocolId, receipt.protocolId)
  assert.equal(event.transactionHash, receipt.transactionHash)
  assert.equal(event.signer, chain.normaliseKey(submission.key))
  assert.equal(event.action, 'firefly:batch_pin')
  const { txId, batchId, batchHash, payloadRef, contexts } = event
  assert.deepEqual({ txId, batchId, batchHash, payloadRef, contexts }, submission.pin)
  assert.equal(book.entries.get(submission.id)?.state, 'mined')
  const head = await chain.head()
  assert(head.blockNumber >= event.blockNumber + 2 && head.chainId !== '')
}

async function readsNetworkActions(site: Site): Promise<void> {
  const book = new Book()
  await using chain = await site.open(book.deps)
  const id = world.uuid()
  const common = { id, key: site.keys[0], contract: { address: site.contract } }
  await chain.submit({
    ...common,
    method: 'networkAction',
    action: 'firefly:terminate',
    payload: 'x',
  })
  await mining(site, book.ended([id]))
  const { events } = await mining(site, read(chain, site.contract, null, 1))
  const [event] = events
  assert.deepEqual(
    [event?.action, event?.contexts, event?.payloadRef],
    ['firefly:terminate', [], 'x'],
  )
}

async function keepsOrderPerKey(site: Site): Promise<void> {
  const book = new Book()
  await using chain = await site.open(book.deps)
  const all = Array.from({ length: 60 }, (_, i) => newPin(site, site.keys[i % 2 ? 1 : 0]))
  await Promise.all([...all, ...all.slice(0, 10)].map((one) => chain.submit(one)))
  for (const one of all.slice(0, 2)) await chain.submit(one)
  await mining(site, book.ended(all.map(({ id }) => id)))
  for (const one of all.slice(0, 2)) await chain.submit(one)
  const last = newPin(site)
  await chain.submit(last)
  await mining(site, book.ended([last.id]))
  const { events } = await mining(site, read(chain, site.contract, null, 61))
  assert.equal(events.length, 61)
  for (const key of site.keys) {
    assert.deepEqual(
      txIdsOf(events.filter(({ signer }) => signer === chain.normaliseKey(key))),
      [...all, last].filter((one) => one.key === key).map(txIdOf),
    )
  }
  const places = events.map(({ protocolId }) => protocolId)
  assert.deepEqual(places, places.toSorted())
}

async function goesOnFromCheckpoint(site: Site): Promise<void> {
  const book = new Book()
  await using chain = await site.open(book.deps)
  const submissions = [newPin(site), newPin(site), newPin(site)]
  const [first, second, third] = submissions
  assert(first && second && third)
  for (const one of [first, second]) await chain.submit(one)
  await mining(site, book.ended([first.id, second.id]))
  const before = await mining(site, read(chain, site.contract, null, 2))
  await chain.submit(third)
  await mining(site, book.ended([third.id]))
  await using other = await site.open(new Book().deps)
  const rest = await mining(site, read(other, site.contract, before.checkpoint, 1))
  assert.deepEqual(txIdsOf(rest.events), [txIdOf(third)])
  const anew = await mining(site, read(other, site.contract, null, 3))
  assert.deepEqual(anew.events, [...before.events, ...rest.events])
  const later = anew.events[2]?.blockNumber
  const firstEvent = await mining(site, read(other, site.contract, null, 1, `${later}`))
  assert.deepEqual(txIdsOf(firstEvent.events), [txIdOf(third)])
}

async function sendsAfterCrash(site: Site): Promise<void> {
  const book = new Book()
  const submissions = [newPin(site), newPin(site)]
  {
    await using chain = await site.open(book.deps)
    for (const submission of submissions) await chain.submit(submission)
  }
  // As if the chain had never heard of them.
  await site.lose(0)
  await using chain = await site.open(book.deps)
  const later = newPin(site)
  await chain.submit(later)
  for (const submission of submissions) await chain.submit(submission)
  const all = [...submissions, later]
  const receipts = await mining(site, book.ended(all.map(({ id }) => id)))
  assert(receipts.every(({ status }) => status === 'succeeded'))
  const { events } = await mining(site, read(chain, site.contract, null, 3))
  assert.deepEqual(txIdsOf(events), all.map(txIdOf))
}

async function tellsRevertReasons(site: Site): Promise<void> {
  const book = new Book()
  await using chain = await site.open(book.deps)
  const refused = newPin(site, site.keys[1], site.guarded)
  const accepted = newPin(site, site.keys[0], site.guarded)
  const next = newPin(site, site.keys[1])
  for (const one of [refused, accepted, next]) await chain.submit(one)
  const [first, ...others] = await mining(site, book.ended([refused.id, accepted.id, next.id]))
  assert(first?.status === 'failed')
  assert.equal(first.error, `WriterNotAdmitted(${chain.normaliseKey(site.keys[1])})`)
  assert(others.every(({ status }) => status === 'succeeded'))
  assert.equal(book.entries.get(refused.id)?.state, 'failed')
  const { events } = await mining(site, read(chain, site.guarded, null, 1))
  assert.deepEqual(txIdsOf(events), [txIdOf(accepted)])
}

async function skipsJunk(site: Site): Promise<void> {
  const book = new Book()
  await using chain = await site.open(book.deps)
  await site.emitJunk()
  const submission = newPin(site, site.keys[0], site.junkyard)
  await chain.submit(submission)
  await mining(site, book.ended([submission.id]))
  const { events } = await mining(site, read(chain, site.junkyard, null, 1))
  assert.deepEqual(txIdsOf(events), [txIdOf(submission)])
}

async function refusesForeignKeys(site: Site): Promise<void> {
  await using chain = await site.open(new Book().deps)
  const stranger = `0x${'12'.repeat(20)}`
  assert.equal(await chain.canSign(stranger), false)
  assert.equal(await chain.canSign(site.keys[0].toUpperCase().replace('0X', '0x')), true)
  await assert.rejects(chain.submit(newPin(site, stranger)), code('CC20107'))
  assert.throws(() => chain.normaliseKey('me'), code('FF10141'))
}

async function followsReorganisations(site: Site): Promise<void> {
  const book = new Book()
  await using chain = await site.open(book.deps)
  await site.mine(3)
  const submission = newPin(site)
  const reading = read(chain, site.contract, null, 1)
  await chain.submit(submission)
  await site.mine(1)
  const reorganised = await chain.head()
  await site.reorganise(1)
  const [receipt] = await mining(site, book.ended([submission.id]))
  const { events } = await mining(site, reading)
  assert.deepEqual(txIdsOf(events), [txIdOf(submission)])
  assert(receipt?.status === 'succeeded' && events[0])
  assert.equal(receipt.protocolId, events[0].protocolId)
  assert(events[0].blockNumber >= reorganised.blockNumber)
}

async function refusesRewrittenChains(site: Site): Promise<void> {
  const book = new Book()
  await using chain = await site.open(book.deps)
  const submission = newPin(site, site.keys[0], site.guarded)
  await chain.submit(submission)
  await mining(site, book.ended([submission.id]))
  const { events, checkpoint } = await read(chain, site.guarded, null, 1)
  assert(events[0] && checkpoint)
  const live = read(chain, site.guarded, checkpoint, 1)
  const lost = (await chain.head()).blockNumber - events[0].blockNumber + 1
  await Promise.all([assert.rejects(live, code('CC20104')), site.lose(lost)])
  await assert.rejects(read(chain, site.guarded, checkpoint, 1), code('CC20104'))
  await site.mine(lost + 2)
  await assert.rejects(read(chain, site.guarded, checkpoint, 1), code('CC20103'))
  const stranger = checkpoint.replace(/"genesis":"0x.{4}/, '"genesis":"0x0000')
  await assert.rejects(read(chain, site.guarded, stranger, 1), code('CC20105'))
}

const stories = {
  'a pin is read as it was submitted, and its receipt names its place': readsWhatWasSubmitted,
  'a network action is an event without contexts': readsNetworkActions,
  'many at once are mined in the order of their calls, per key, once each': keepsOrderPerKey,
  'reading goes on from a checkpoint, and another reader sees the same': goesOnFromCheckpoint,
  'what was signed before a crash is sent after it, once, and first': sendsAfterCrash,
  'a reverted call fails with its reason, and the key goes on': tellsRevertReasons,
  'an event that makes no sense is skipped': skipsJunk,
  'a key that is not held is refused': refusesForeignKeys,
  'a reorganisation above what is final is followed without a trace': followsReorganisations,
  'a chain that lost blocks is told from a rewritten and from another one': refusesRewrittenChains,
}

/** What every kind of chain must do; each story on a chain of its own. */
export function chainConformance(name: string, start: () => Promise<Site>): void {
  describe(`chain: ${name}`, () => {
    for (const [title, story] of Object.entries(stories)) {
      test(title, { timeout: 30_000 }, async () => {
        await using site = await start()
        await story(site)
      })
    }
  })
}
