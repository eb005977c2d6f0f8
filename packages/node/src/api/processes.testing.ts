import assert from 'node:assert/strict'
import { canonicalJson, definitionHash, type JsonMap, templates } from '@concordat/protocol/process'
import { loadYaml } from '@concordat/protocol/process/yaml'
import type { Transaction } from '../store/database.ts'
import type { DecisionRow, FlowRow } from '../store/process-schema.ts'
import { CREATED, HASH, ID } from './testing.ts'

const namespace = 'default'
const { definition } = loadYaml(templates['purchase-order']).result
/** Of the template, as data. */
export const template: JsonMap = JSON.parse(canonicalJson(definition?.document))
export const purchaseOrder = { hash: definitionHash(template), document: canonicalJson(template) }

const flow = (seq: number, row: Partial<FlowRow> = {}): FlowRow => ({
  seq,
  namespace,
  name: 'purchase-order',
  version: '1.0.0',
  title: null,
  ...purchaseOrder,
  outcome: 'loaded',
  faults: '[]',
  warnings: '[]',
  author: 'did:firefly:org/acme',
  message: ID,
  groupHash: null,
  position: String(seq),
  created: CREATED,
  ...row,
})

const decision = (n: number, verdict: string): DecisionRow => {
  const time = 1_704_067_200 + n
  const code = verdict === 'accepted' ? null : 'X'
  const said = { verdict, author: 'did:firefly:org/acme', step: 'propose', role: 'buyer' }
  return {
    seq: n,
    namespace,
    process: ID,
    n,
    ...said,
    message: ID,
    code,
    deadline: null,
    record: JSON.stringify({ n, t: time, s: '', ...said, ...(code && { code }) }),
    hash: HASH,
    time,
    created: CREATED,
  }
}

/** Four definitions, and one process with two decisions. */
export async function seedProcesses(tx: Transaction): Promise<void> {
  const newer = { ...template, version: '1.10.0' }
  await tx.insertMany('flows', [
    flow(1),
    flow(2, { version: '1.9.0', hash: '1'.repeat(64) }),
    flow(3, {
      version: '1.10.0',
      hash: definitionHash(newer),
      document: canonicalJson(newer),
    }),
    flow(4, {
      version: '2.0.0',
      hash: '2'.repeat(64),
      outcome: 'refused',
      document: '{"flow":"flow/1"}',
    }),
  ])
  await tx.insertMany('flowAdoptions', [
    {
      seq: 1,
      namespace,
      flow: purchaseOrder.hash,
      identity: 'did:b',
      message: ID,
      position: '5',
      created: CREATED,
    },
  ])
  await tx.insertMany('processes', [
    {
      seq: 1,
      namespace,
      id: ID,
      flow: purchaseOrder.hash,
      name: 'purchase-order',
      version: '1.0.0',
      groupHash: HASH,
      creator: 'did:firefly:org/acme',
      message: ID,
      status: 'running',
      reason: null,
      n: 2,
      hash: HASH,
      clock: 1_704_067_202,
      nextDue: null,
      view: '{"deadlines":{"offerExpires":1704240002},"state":{"price":"10.50"},"waiting":[]}',
      nextEvent: 1,
      saved: null,
      savedEvent: 1,
      created: CREATED,
      updated: CREATED,
    },
  ])
  await tx.insertMany('decisions', [decision(1, 'accepted'), decision(2, 'rejected')])
}

/** What a server answered. */
interface Answered {
  readonly statusCode: number
  json(): { readonly error: string }
}

export function refuses(reply: Answered, status: number, code: string): void {
  const { error } = reply.json()
  assert.equal(`${reply.statusCode} ${error?.split(':')[0]}`, `${status} ${code}`, error)
}
