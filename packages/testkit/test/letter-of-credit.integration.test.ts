import assert from 'node:assert/strict'
import { sha256Hex } from '@concordat/protocol'
import { call } from '../src/anvil.ts'
import type { Network } from '../src/network.ts'
import type { Party } from '../src/party.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { pendingTransactions } from './support/mempool.ts'
import {
  act,
  agree,
  assertSameDecisions,
  begin,
  decisionsAt,
  historyAt,
  inOneBlock,
  passTime,
  processAt,
  stagesAt,
  submit,
  untilDecided,
} from './support/processes.ts'

const DAY = 86_400

const partiesOf = (network: Network) => {
  const [applicant, issuer, advising, beneficiary, observer] = network.parties
  assert(applicant && issuer && advising && beneficiary && observer)
  return { applicant, issuer, advising, beneficiary, observer }
}

/** Seconds since 1970, as the chain counts them. */
async function timeOn({ anvil }: Network): Promise<number> {
  const block = await call(anvil.url, 'eth_getBlockByNumber', ['latest', false])
  return Number((block as { timestamp: string }).timestamp)
}

/** A credit that is advised, with all documents lodged; nothing is presented yet. */
async function openCredit(network: Network): Promise<{ id: string; members: Party[] }> {
  const { applicant, issuer, advising, beneficiary } = partiesOf(network)
  const members = [applicant, issuer, advising, beneficiary]
  const flow = await agree(members, 'letter-of-credit')
  const id = await begin(applicant, flow, { applicant, issuer, advising, beneficiary })
  for (const party of [issuer, advising, beneficiary]) await act(members, party, id, '$join')
  const now = await timeOn(network)
  await act(members, issuer, id, 'issue', {
    amount: '250000.00',
    currency: 'EUR',
    latestShipment: now + 60 * DAY,
    expiry: now + 60 * DAY,
    required: ['transport', 'invoice'],
  })
  await act(members, advising, id, 'advise')
  const transport = { hash: sha256Hex('bill of lading'), shippedAt: now }
  await act(members, beneficiary, id, 'lodgeTransport', transport)
  return { id, members }
}

/** Presents the documents, and resolves until when the bank may say something (Unix seconds). */
async function present(members: readonly Party[], by: Party, id: string): Promise<number> {
  const invoice = { kind: 'invoice', hash: sha256Hex('invoice') }
  await act(members, by, id, 'lodge', invoice)
  await act(members, by, id, 'present')
  const presented = (await decisionsAt(by, id)).at(-1)
  return Number(JSON.parse(presented?.record ?? '{}').output.examineBy)
}

tellOnEachDialect(
  { parties: ['buyer', 'bank', 'adviser', 'seller', 'other'] },
  {
    'a bank that says nothing has honoured the documents': async (network) => {
      const { beneficiary, observer } = partiesOf(network)
      const { id, members } = await openCredit(network)
      const early = await submit(beneficiary, id, 'present')
      assert.equal(early.decision?.code, 'DOCUMENTS_MISSING')
      const examineBy = await present(members, beneficiary, id)
      await passTime(network, examineBy - (await timeOn(network)) + 2)
      // Nobody does anything but look at the clock.
      for (const party of members)
        await party.until(
          async () => (await stagesAt(party, id)).credit === 'honoured',
          'silence has honoured',
        )
      await act(members, beneficiary, id, 'settle', { reference: 'RF18 5390 0754 7034' })
      await assertSameDecisions(members, id)
      const history = await historyAt(beneficiary, id)
      assert.ok(history.includes('timeout examination'), history.join(', '))
      for (const party of members) assert.equal((await processAt(party, id))?.status, 'closed')
      assert.equal(await processAt(observer, id), undefined)
    },

    'a refusal that comes too late loses to the deadline, by name': async (network) => {
      const { issuer, beneficiary } = partiesOf(network)
      const { id, members } = await openCredit(network)
      const examineBy = await present(members, beneficiary, id)
      const before = (await processAt(issuer, id))?.n ?? 0
      await inOneBlock(network, async () => {
        await submit(issuer, id, 'refuse', { discrepancies: ['late'] }, { confirm: false })
        await pendingTransactions(network, 1)
        const late = examineBy - (await timeOn(network)) + 2
        await call(network.anvil.url, 'evm_increaseTime', [late])
      })
      await untilDecided(members, id, before + 2)
      await assertSameDecisions(members, id)
      const [timeout, refusal] = (await decisionsAt(beneficiary, id)).slice(before)
      assert(timeout && refusal)
      assert.deepEqual([timeout.verdict, timeout.deadline], ['timeout', 'examination'])
      assert.deepEqual([refusal.verdict, refusal.code], ['rejected', 'CONFLICT'])
      const { winner } = JSON.parse(refusal.record)
      assert.deepEqual([winner.n, winner.deadline], [timeout.n, 'examination'])
    },

    'a node that was away for a day decides what the others decided': async (network) => {
      const { issuer, advising, beneficiary, applicant } = partiesOf(network)
      const { id, members } = await openCredit(network)
      await advising.stop()
      const here = members.filter((party) => party !== advising)
      await present(here, beneficiary, id)
      await passTime(network, DAY)
      await act(here, issuer, id, 'refuse', { discrepancies: ['the date is missing'] })
      await act(here, applicant, id, 'waive')
      await act(here, issuer, id, 'honour')
      await advising.start()
      await untilDecided(members, id, (await processAt(issuer, id))?.n ?? 0)
      await act(members, advising, id, 'settle', { reference: 'RF18' })
      await assertSameDecisions(members, id)
      assert.deepEqual(await stagesAt(advising, id), { credit: 'settled' })
    },
  },
)
