import type { Migration } from '../migrate.ts'
import { createShape } from './in-dialect.ts'

const tables: readonly string[] = [
  `flows (
    seq int primary key, namespace text not null, hash text not null, name text not null, version text not null,
    title text, document text not null, outcome text not null, faults text not null, warnings text not null,
    author text not null, message text not null, group_hash text, position text not null, created text not null)`,
  `flow_adoptions (
    seq int primary key, namespace text not null, flow text not null, identity text not null, message text not null,
    position text not null, created text not null)`,
  `processes (
    seq int primary key, namespace text not null, id text not null, flow text not null, name text not null,
    version text not null, group_hash text not null, creator text not null, message text not null, status text not null,
    reason text, n int not null, hash text not null, clock int not null, next_due int, view text not null,
    next_event int not null, saved text, saved_event int not null, created text not null, updated text not null)`,
  `process_values (
    namespace text not null, process text not null, name text not null, key text not null,
    primary key (namespace, process, name, key)) clustered`,
  `process_events (
    seq int primary key, namespace text not null, process text not null, position text not null, time int not null,
    author text not null, group_hash text not null, message text, message_hash text, tag text, content text,
    void text, created text not null)`,
  `decisions (
    seq int primary key, namespace text not null, process text not null, n int not null, verdict text not null,
    step text, role text, author text, message text, code text, deadline text, record text not null,
    hash text not null, time int not null, created text not null)`,
]

const indexes: readonly string[] = [
  'flows_hash on flows (namespace, hash)',
  'flows_name on flows (namespace, name, version)',
  'unique flow_adoptions_identity on flow_adoptions (namespace, flow, identity)',
  'unique processes_id on processes (namespace, id)',
  'processes_due on processes (namespace, next_due) where next_due is not null',
  'processes_status on processes (namespace, status)',
  'processes_seq on processes (namespace, seq)',
  'process_values_key on process_values (namespace, name, key)',
  'process_events_process on process_events (namespace, process, seq)',
  'unique decisions_n on decisions (namespace, process, n)',
  'decisions_seq on decisions (namespace, seq)',
  'decisions_process on decisions (namespace, process, seq)',
  'decisions_message on decisions (namespace, message) where message is not null',
]

/** Definitions, instances with the events they were folded from, and what was decided. */
export const processes: Migration = {
  name: '0003-processes',
  up: (db, dialect) => createShape(db, dialect, { tables, indexes }),
}
