import type { Migration } from '../migrate.ts'
import { createShape } from './in-dialect.ts'

const tables: readonly string[] = [
  `process_work (
    seq int primary key, namespace text not null, process text not null, kind text not null, key text not null,
    n int not null, state text not null, due int not null, tries int not null, intents int not null,
    content text not null, reference text, reason text, created text not null, updated text not null)`,
  `process_syncs (
    namespace text not null, name text not null, cursor int not null, due int not null, tries int not null,
    reason text, updated text not null, primary key (namespace, name)) clustered`,
]

const indexes: readonly string[] = [
  'unique process_work_key on process_work (namespace, process, kind, key)',
  'process_work_state on process_work (namespace, state, due)',
  'decisions_verdict on decisions (namespace, verdict, seq)',
]

/** What this node does for instances of its own accord, and how far systems were told of them. */
export const processWork: Migration = {
  name: '0005-process-work',
  up: (db, dialect) => createShape(db, dialect, { tables, indexes }),
}
