import { sql } from 'kysely'
import type { Logger } from '../lib/logger.ts'
import { type Stage, startStage } from '../lib/stage.ts'
import type { World } from '../lib/world.ts'
import type { Database } from '../store/database.ts'
import type { MessageRow } from '../store/schema.ts'
import { type Processor, Processors } from './processors.ts'
import type { SealedBatch } from './sealed-batch.ts'
import { type SealerDeps, sealInto } from './sealer.ts'

export interface AssemblerOptions {
  /** Messages in a batch at most. */
  readonly maxMessages: number
  /** Bytes of a batch payload at most. */
  readonly maxBytes: number
  /** How long to gather more, at most, after a batch was cut and unless the next is full: shorter the smaller the last was. An idle sender never waits. */
  readonly lingerMs: number
  /** Batches of one author and group that are cut but not yet handed to the chain. */
  readonly maxInFlight: number
}

export interface AssemblerDeps extends SealerDeps {
  readonly world: World
  readonly log: Logger
  readonly database: Database
  /** Batches that were just written, in order. */
  readonly onSealed: (batches: readonly SealedBatch[]) => void
}

export interface Assembler extends Stage {
  readonly processors: ReadonlyMap<string, Processor>
  /** Messages that were just written: read from memory as long as nothing was missed. */
  offer(rows: readonly MessageRow[]): void
  /** A batch was handed to the chain, or cancelled: its place is free. */
  released(batch: Pick<MessageRow, 'author' | 'groupHash' | 'txtype'>): void
}

const PAGE = 500
const MAX_PENDING = 5000
const BATCHES_PER_COMMIT = 8

/** Takes messages that are ready, in order, and cuts them into batches: at once when idle, full ones when busy. */
export function startAssembler(options: AssemblerOptions, deps: AssemblerDeps): Assembler {
  const { world } = deps
  const intake = new ReadyMessages(deps)
  const { processors } = intake

  async function sealDue(): Promise<boolean> {
    const due = processors.due(options, world.now(), BATCHES_PER_COMMIT)
    if (due.length === 0) return false
    const sealed = await deps.database.transaction((tx) =>
      sealInto(
        deps,
        tx,
        due.map(({ messages }) => messages),
      ),
    )
    processors.take(due, world.now())
    deps.onSealed(sealed)
    return true
  }

  let timer: AbortController | undefined
  function wakeIn(ms: number): void {
    timer?.abort()
    timer = new AbortController()
    world.sleep(ms, timer.signal).then(stage.nudge, () => {})
  }

  const stage = startStage({
    name: `assembler ${deps.namespace}`,
    idleMs: 5_000,
    world,
    onError: (error) => deps.log.error({ err: error }, 'batch assembly failed; it goes on'),
    step: async () => {
      const more = await intake.read()
      const sealed = await sealDue()
      if (more || sealed) return true
      const wait = processors.dueIn(options, world.now())
      if (wait !== undefined) wakeIn(wait)
      return false
    },
  })

  return {
    ...stage,
    processors: processors.all,
    offer(rows) {
      intake.offer(rows)
      stage.nudge()
    },
    released(batch) {
      processors.released(batch)
      stage.nudge()
    },
    async [Symbol.asyncDispose]() {
      timer?.abort()
      await stage[Symbol.asyncDispose]()
    },
  }
}

/**
 * The messages in state `ready`, each once, in order. Written ones are offered from memory; after a start, or when too many
 * wait, they are read from the table until it has no more.
 */
class ReadyMessages {
  readonly processors = new Processors()
  readonly #deps: AssemblerDeps
  #cursor = 0
  /** The table may hold messages that nobody offered. */
  #behind = true

  constructor(deps: AssemblerDeps) {
    this.#deps = deps
  }

  offer(rows: readonly MessageRow[]): void {
    if (this.#behind) return
    if (this.processors.pending >= MAX_PENDING) {
      this.#behind = true
      return
    }
    this.#add(rows)
  }

  /** Resolves true when there is more to read. */
  async read(): Promise<boolean> {
    if (!this.#behind || this.processors.pending >= MAX_PENDING) return false
    const { database, namespace } = this.#deps
    await database.transaction(async (tx) => {
      const rows = await tx.db
        .selectFrom('messages')
        .selectAll()
        .where('namespace', '=', namespace)
        .where('state', '=', sql.lit('ready'))
        .where('seq', '>', this.#cursor)
        .orderBy('seq')
        .limit(PAGE)
        .execute()
      // Before the next transaction can write any: from then on they are offered.
      tx.onCommit(() => {
        this.#add(rows)
        this.#behind = rows.length === PAGE
      })
    })
    return this.#behind
  }

  #add(rows: readonly MessageRow[]): void {
    for (const row of rows) {
      if (row.seq <= this.#cursor) continue
      this.#cursor = row.seq
      this.processors.add(row)
    }
  }
}
