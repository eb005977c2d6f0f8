import assert from 'node:assert/strict'
import type { ProcessDecision } from '@concordat/protocol'
import { templates } from '@concordat/protocol/process'
import { loadYaml } from '@concordat/protocol/process/yaml'
import type { Network } from '../../src/network.ts'
import type { Party } from '../../src/party.ts'

/** Waits for what was asked for, not for ever. */
export const patiently = () => ({
  confirm: true,
  timeoutMs: 20_000,
  signal: new AbortController().signal,
})

/** Tells a definition, and resolves its hash when every party has adopted it. */
export async function agreeOn(network: Network, what: string): Promise<string> {
  const [first] = network.parties
  assert(first)
  const text = Object.entries(templates).find(([name]) => name === what)?.[1] ?? what
  const { document } = loadYaml(text)
  const flow = await first.namespace.processes.propose({ definition: document }, patiently())
  for (const party of network.parties) {
    await party.until(async () => {
      const row = await party.namespace.database.read
        .selectFrom('flows')
        .select('seq')
        .where('hash', '=', flow.hash)
        .executeTakeFirst()
      return row !== undefined
    }, 'the definition is known')
    await party.namespace.processes.adopt(flow.hash, patiently())
  }
  for (const party of network.parties)
    await party.until(async () => {
      const rows = await party.namespace.database.read
        .selectFrom('flowAdoptions')
        .select('seq')
        .where('flow', '=', flow.hash)
        .execute()
      return rows.length === network.parties.length
    }, 'all adoptions are known')
  return flow.hash
}

/** Begins an instance, and resolves its id when it runs at every party's node. */
export async function begin(
  party: Party,
  input: { readonly flow: string; readonly parties: Record<string, string | string[]> },
): Promise<string> {
  const made = await party.namespace.processes.create(input, patiently())
  assert.equal(made.status, 'running', made.reason)
  return made.id
}

/** Takes a step, which must be accepted. */
export async function take(
  party: Party,
  process: string,
  step: string,
  input: object = {},
): Promise<ProcessDecision> {
  await party.until(async () => (await rowOf(party, process)) !== undefined, 'it is known')
  const { decision } = await party.namespace.processes.submit(
    { process, step, input: { ...input } as never },
    patiently(),
  )
  assert.equal(decision?.verdict, 'accepted', JSON.stringify(decision))
  return decision
}

/** An instance as a party's database has it. */
export const rowOf = (party: Party, id: string) =>
  party.namespace.database.read
    .selectFrom('processes')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()

/** A definition whose one step can be taken as often as one likes. */
export const tally = `
flow: flow/1
name: tally
version: 1.0.0
govern: { consent: standing }
roles: { keeper: { one: true }, reader: { one: true } }
state: { total: { schema: { type: integer }, default: 0 }, note: { schema: { type: string } } }
stages: { main: { initial: open, values: [open, over], final: [over] } }
steps:
  add:
    by: [keeper]
    in: { main: open }
    input:
      type: object
      required: [amount]
      properties: { amount: { type: integer }, note: { type: string, maxLength: 40 } }
    when: [ { code: TOO_MUCH, rule: input.amount <= 100 } ]
    do: [ { set: total, to: state.total + input.amount } ]
    output: { total: state.total + input.amount }
  end: { by: [keeper, reader], in: { main: open }, to: { main: over } }
`

/** A definition whose first step has a party send a message, and report it. */
export const notices = `
flow: flow/1
name: notices
version: 1.0.0
govern: { consent: standing }
roles: { customer: { one: true }, supplier: { one: true } }
state:
  said: { schema: { type: string } }
  problem: { schema: { type: string } }
stages: { main: { initial: draft, values: [draft, ordered, told, failed], final: [told, failed] } }
steps:
  order:
    by: [customer]
    in: { main: draft }
    to: { main: ordered }
    input:
      type: object
      required: [words, topic]
      properties: { words: { type: string, maxLength: 80 }, topic: { type: string, maxLength: 80 } }
    effects:
      - { id: notice, kind: message.private, by: supplier, with: { value: "{'said': input.words, 'to': me}", tag: "'notice'", topic: input.topic } }
  reported:
    by: [supplier]
    in: { main: ordered }
    result: notice
    auto: true
    input:
      type: object
      properties: { message: { type: string, format: uuid }, failed: { type: boolean }, reason: { type: string, maxLength: 30 } }
    do:
      - { set: said, to: "has(input.message) ? input.message : ''" }
      - { set: problem, to: "has(input.reason) ? input.reason : ''" }
    to: { main: told }
deadlines: { slow: { track: main, stage: [draft, ordered], after: P30D, to: { main: failed } } }
`
