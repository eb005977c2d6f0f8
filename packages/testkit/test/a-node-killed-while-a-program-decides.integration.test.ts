import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { InboxTask } from '@concordat/protocol'
import { templates } from '@concordat/protocol/process'
import { stringify } from 'yaml'
import type { Point } from '../src/crash/points.ts'
import { Victim } from '../src/crash/victim.ts'
import { startNetwork } from '../src/network.ts'
import type { Party } from '../src/party.ts'
import { answerJson, startTarget } from './support/http-target.ts'
import { agree, decisionsAt, submit, wait } from './support/processes.ts'

/** Where the seller's node dies, at which passage: before and after it has written, sent and decided what its program answered. */
const points: readonly (readonly [Point, number])[] = [
  ['commit-accepted:before', 1],
  ['commit-accepted:after', 1],
  ['submit:before', 1],
  ['submit:after', 1],
  // The first is the decision on the offer that its program is asked about.
  ['commit-process:before', 2],
  ['commit-process:after', 2],
]

const terms = { item: 'bolts', qty: 100, price: '12.50', currency: 'EUR' }

test('a node killed while a program decides for it goes on, and takes each step once', async () => {
  const keys = new Map<string, Set<unknown>>()
  await using target = await startTarget(({ headers, body }, response) => {
    const { task } = JSON.parse(body)
    keys.set(task.process, (keys.get(task.process) ?? new Set()).add(headers['idempotency-key']))
    answerJson(response, 200, { input: { round: 1 } })
  })
  const folder = await mkdtemp(join(tmpdir(), 'bindings-'))
  try {
    const bindings = join(folder, 'bindings.yaml')
    const accept = { webhook: target.url, timeout: '20s' }
    await writeFile(bindings, stringify({ 'purchase-order@1': { deciders: { accept } } }))
    await using network = await startNetwork({
      parties: ['a', 'b'],
      configure(yaml, name) {
        const [namespace] = yaml.namespaces.predefined
        if (name !== 'b') return yaml
        const predefined = [{ ...namespace, processes: { bindings } }]
        const namespaces = { ...yaml.namespaces, predefined }
        return { ...yaml, namespaces, log: { level: 'warn' } }
      },
    })
    const [buyer, seller] = network.parties
    assert(buyer && seller)
    const flow = await agree([buyer, seller], { yaml: templates['purchase-order'] })
    await seller.stop()
    const config = join(seller.folder, 'config.yaml')
    await writeFile(config, seller.configText)
    await using victim = new Victim(config)
    const orders: string[] = []
    for (const [point, count] of points) {
      await victim.start()
      await victim.arm(point, count)
      const order = await propose(buyer, flow)
      await victim.killed()
      await victim.start()
      await untilAccepted(buyer, seller, order)
      orders.push(order)
      await victim[Symbol.asyncDispose]()
    }
    for (const order of orders) {
      const steps: unknown[] = (await decisionsAt(buyer, order)).map(({ verdict, step }) => [
        verdict,
        step,
      ])
      assert.deepEqual(steps, [
        ['accepted', 'propose'],
        ['accepted', 'accept'],
      ])
      assert.equal(keys.get(order)?.size, 1, 'asked under one key, however often')
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

async function propose(buyer: Party, flow: string): Promise<string> {
  const parties = { buyer: 'a', seller: 'b' }
  const { id } = await buyer.namespace.processes.create({ flow, parties }, wait())
  const { decision } = await submit(buyer, id, 'propose', terms)
  assert.equal(decision?.verdict, 'accepted')
  return id
}

async function untilAccepted(buyer: Party, seller: Party, order: string): Promise<void> {
  await buyer.until(async () => (await decisionsAt(buyer, order)).length === 2, 'it is answered')
  await seller.until(async () => {
    const [task] = await seller.get<InboxTask[]>(`tasks?process=${order}&step=accept`)
    return task?.state === 'done'
  }, 'its task is done')
}
