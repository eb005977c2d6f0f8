import type { Database, Transaction } from '@concordat/node'
import type { Fuse } from './fuse.ts'
import type { Place } from './points.ts'

type Plugin = Parameters<Transaction['db']['withPlugin']>[0]
type Query = Parameters<Plugin['transformQuery']>[0]['node']

/** A database whose commits are points: which one, the tables say that the transaction wrote. */
export function fuseDatabase(database: Database, fuse: Fuse): Database {
  return {
    dialect: database.dialect,
    read: database.read,
    transaction: (work) =>
      database.transaction(async (tx) => {
        const written = new Set<string>()
        let place: Place | undefined
        // Registered first, so nothing that follows from the commit has happened.
        tx.onCommit(() => place && fuse.pass(`${place}:after`))
        const result = await work(noteWrites(tx, written))
        place = placeOf(written)
        if (place) fuse.pass(`${place}:before`)
        return result
      }),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}

/** The first that fits. */
const signs: readonly (readonly [Place, readonly string[]])[] = [
  ['commit-sealed', ['insert batches', 'insert operations']],
  ['commit-taken-in', ['insert batches']],
  ['commit-process', ['insert decisions']],
  ['commit-accepted', ['insert messages']],
  ['commit-pins', ['insert pins']],
  ['commit-decided', ['update pins', 'insert events']],
  ['commit-sent', ['update batches']],
  ['commit-delivered', ['delete outbox']],
  ['commit-offset', ['insert offsets']],
  ['commit-offset', ['update offsets']],
  ['commit-payload', ['insert payloads']],
]

const placeOf = (written: ReadonlySet<string>): Place | undefined =>
  signs.find(([, writes]) => writes.every((write) => written.has(write)))?.[0]

function noteWrites(tx: Transaction, written: Set<string>): Transaction {
  const plugin: Plugin = {
    transformQuery: ({ node }) => {
      const write = writeOf(node)
      if (write) written.add(write)
      return node
    },
    transformResult: async ({ result }) => result,
  }
  return {
    db: tx.db.withPlugin(plugin),
    sequence: (table, count) => tx.sequence(table, count),
    insertMany: (table, rows, options) => {
      if (rows.length > 0) written.add(`insert ${table}`)
      return tx.insertMany(table, rows, options)
    },
    onCommit: (action) => tx.onCommit(action),
  }
}

function writeOf(node: Query): string | undefined {
  if (node.kind === 'InsertQueryNode') return `insert ${node.into?.table.identifier.name}`
  const [table] =
    node.kind === 'UpdateQueryNode'
      ? [node.table]
      : node.kind === 'DeleteQueryNode'
        ? node.from.froms
        : []
  if (table?.kind !== 'TableNode' || !('table' in table)) return undefined
  const verb = node.kind === 'UpdateQueryNode' ? 'update' : 'delete'
  return `${verb} ${nameOf(table)}`
}

const nameOf = (node: object): string =>
  (node as { readonly table: { readonly identifier: { readonly name: string } } }).table.identifier
    .name
