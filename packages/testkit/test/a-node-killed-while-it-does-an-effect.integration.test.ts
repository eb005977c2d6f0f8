import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Point } from '../src/crash/points.ts'
import { Victim } from '../src/crash/victim.ts'
import { startNetwork } from '../src/network.ts'
import type { Party } from '../src/party.ts'
import { agreeOn, begin, notices, take } from './support/process-work.ts'

/** Where the performer's node dies: around its message, and around its report, as they are written, pinned and decided. */
const deaths: readonly (readonly [Point, number])[] = [
  ['commit-accepted:before', 1],
  ['commit-accepted:after', 1],
  ['submit:after', 1],
  ['commit-accepted:before', 2],
  ['commit-accepted:after', 2],
  ['commit-process:after', 2],
]

/** Messages with the tag of the effect that answer a step, as a party has them. */
const noticesAt = (party: Party, cause: string) =>
  party.namespace.database.read
    .selectFrom('messages')
    .select(['id', 'state'])
    .where('tag', '=', 'notice')
    .where('cid', '=', cause)
    .execute()

const stepsAt = async (party: Party, id: string): Promise<string[]> => {
  const rows = await party.namespace.database.read
    .selectFrom('decisions')
    .select(['step', 'verdict'])
    .where('process', '=', id)
    .orderBy('n')
    .execute()
  return rows.map(({ step, verdict }) => `${step} ${verdict}`)
}

test('a node killed while it does what a step asks for has done it once, and reported it once', async () => {
  await using network = await startNetwork({
    parties: ['a', 'b'],
    configure: (yaml) => ({ ...yaml, log: { level: 'warn' } }),
  })
  const [a, b] = [network.party('a'), network.party('b')]
  const flow = await agreeOn(network, notices)
  await b.stop()
  const config = join(b.folder, 'config.yaml')
  await writeFile(config, b.configText)
  await using victim = new Victim(config)
  const asked: { readonly id: string; readonly cause: string }[] = []
  for (const [point, count] of deaths) {
    const id = await begin(a, { flow, parties: { customer: 'a', supplier: 'b' } })
    await victim.start()
    await b.until(async () => {
      const found = await b.get<{ status: string }[]>(`processes?id=${id}`)
      return found[0]?.status === 'running'
    }, 'it runs there too')
    await victim.arm(point, count)
    const { message = '' } = await take(a, id, 'order', { words: point, topic: 'orders' })
    await victim.killed()
    await victim.start()
    await a.until(async () => (await stepsAt(a, id)).length >= 2, `it is reported after ${point}`)
    asked.push({ id, cause: message })
    await victim[Symbol.asyncDispose]()
  }
  await b.start()
  for (const { id, cause } of asked) {
    assert.deepEqual(await stepsAt(a, id), ['order accepted', 'reported accepted'])
    const own = await noticesAt(b, cause)
    assert.equal(own.length, 1)
    assert.deepEqual(await noticesAt(a, cause), own)
  }
})
