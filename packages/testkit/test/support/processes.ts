import assert from 'node:assert/strict'
import { type JsonMap, type TemplateName, templates } from '@concordat/protocol/process'
import { loadYaml } from '@concordat/protocol/process/yaml'
import { call } from '../../src/anvil.ts'
import type { Network } from '../../src/network.ts'
import type { Party } from '../../src/party.ts'

/** To resolve when it is decided here, or as soon as it is durable. */
export const wait = (confirm = true) => ({
  confirm,
  timeoutMs: 20_000,
  signal: new AbortController().signal,
})

/** Tells a definition, has each of the parties adopt it, and resolves its hash when all know of it. */
export async function agree(
  parties: readonly Party[],
  what: TemplateName | { readonly yaml: string },
): Promise<string> {
  const [first] = parties
  assert(first)
  const { document } = loadYaml(typeof what === 'string' ? templates[what] : what.yaml)
  const { hash } = await first.namespace.processes.propose({ definition: document }, wait())
  await Promise.all(
    parties.map(async (party) => {
      await knowsFlow(party, hash)
      await party.namespace.processes.adopt(hash, wait())
    }),
  )
  return hash
}

/** Resolves when a definition has reached a party. */
export const knowsFlow = (party: Party, hash: string): Promise<void> =>
  party.until(async () => {
    const { read } = party.namespace.database
    const rows = await read.selectFrom('flows').select('seq').where('hash', '=', hash).execute()
    return rows.length > 0
  }, 'the definition is known')

/** Begins an instance in the name of a party, and resolves its id when it is there at all members. */
export async function begin(
  creator: Party,
  flow: string,
  roles: Readonly<Record<string, Party | readonly Party[]>>,
): Promise<string> {
  const lists = Object.entries(roles).map(([role, of]) => [role, [of].flat()] as const)
  const parties = Object.fromEntries(lists.map(([role, of]) => [role, of.map(({ name }) => name)]))
  const { id, status, reason } = await creator.namespace.processes.create({ flow, parties }, wait())
  assert.match(status, /^(running|open)$/, reason)
  await untilDecided(new Set(lists.flatMap(([, of]) => of)), id, 0)
  return id
}

/** What a step may say besides its name and input. */
interface Saying {
  readonly intent?: string
  readonly role?: string
  readonly confirm?: boolean
}

export const submit = (
  party: Party,
  process: string,
  step: string,
  input: JsonMap = {},
  { confirm, ...saying }: Saying = {},
) => party.namespace.processes.submit({ process, step, input, ...saying }, wait(confirm))

/** Has a step accepted, and resolves when every one of `all` has decided it. */
export async function act(
  all: readonly Party[],
  party: Party,
  process: string,
  step: string,
  input: JsonMap = {},
): Promise<void> {
  const { decision } = await submit(party, process, step, input)
  assert.equal(decision?.verdict, 'accepted', `${step}: ${JSON.stringify(decision)}`)
  await untilDecided(all, process, decision.n)
}

/** Resolves when each of the parties has made decision `n` on an instance. */
export async function untilDecided(
  parties: Iterable<Party>,
  process: string,
  n: number,
): Promise<void> {
  for (const party of parties)
    await party.until(
      async () => ((await processAt(party, process))?.n ?? -1) >= n,
      `it has decided ${n} of ${process}`,
    )
}

export const processAt = (party: Party, id: string) =>
  party.namespace.database.read
    .selectFrom('processes')
    .selectAll()
    .where('namespace', '=', 'default')
    .where('id', '=', id)
    .executeTakeFirst()

export async function stagesAt(party: Party, id: string): Promise<Record<string, string>> {
  const row = await processAt(party, id)
  const { stages }: { stages: Record<string, { stage: string }> } = JSON.parse(row?.view ?? '{}')
  return Object.fromEntries(Object.entries(stages).map(([track, { stage }]) => [track, stage]))
}

/** Each decision in short: verdict, step or deadline, and code. */
export async function historyAt(party: Party, id: string): Promise<string[]> {
  return (await decisionsAt(party, id)).map(({ verdict, step, deadline, code }) =>
    [verdict, step ?? deadline, code].filter((part) => part !== null).join(' '),
  )
}

/** All decisions on an instance, in their order. */
export const decisionsAt = (party: Party, id: string) =>
  party.namespace.database.read
    .selectFrom('decisions')
    .selectAll()
    .where('process', '=', id)
    .orderBy('n')
    .execute()

/** Holds that the parties have made the same decisions, all of them, each once; resolves how many. */
export async function assertSameDecisions(
  parties: readonly Party[],
  process: string,
): Promise<number> {
  const [first] = parties
  assert(first)
  const row = await processAt(first, process)
  assert(row, `${first.name} knows ${process}`)
  await untilDecided(parties, process, row.n)
  const chain = await chainOf(first, process)
  assert.deepEqual(
    chain.map(([n]) => n),
    chain.map((_, i) => i + 1),
  )
  assert.equal(chain.at(-1)?.[1] ?? row.hash, row.hash)
  for (const other of parties)
    assert.deepEqual(await chainOf(other, process), chain, `${other.name} and ${first.name}`)
  return chain.length
}

const chainOf = async (party: Party, process: string) =>
  (await decisionsAt(party, process)).map(({ n, hash, record }) => [n, hash, record] as const)

/** What a party told of an instance and its steps; of tasks apart. */
export async function eventsAt(party: Party, process: string): Promise<string[]> {
  const rows = await party.namespace.database.read
    .selectFrom('events')
    .select('type')
    .where('correlator', '=', process)
    .where('type', 'like', 'process%')
    .where('type', 'not like', 'process_task%')
    .orderBy('seq')
    .execute()
  return rows.map(({ type }) => type)
}

/** Runs `work` while no block is made; what it sends is mined together when it ends. */
export async function inOneBlock({ anvil }: Network, work: () => Promise<void>): Promise<void> {
  await call(anvil.url, 'evm_setAutomine', [false])
  try {
    await work()
  } finally {
    await call(anvil.url, 'evm_setAutomine', [true])
    await call(anvil.url, 'evm_mine', [])
  }
}

/** Lets time pass on the chain, in seconds; the clocks of the nodes stay as they are. */
export async function passTime({ anvil }: Network, seconds: number): Promise<void> {
  await call(anvil.url, 'evm_increaseTime', [seconds])
  await call(anvil.url, 'evm_mine', [])
}
