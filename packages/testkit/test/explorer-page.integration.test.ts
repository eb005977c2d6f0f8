import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { routes } from '@concordat/protocol/routes'
import type { Browser, Locator } from 'playwright-core'
import { type Network, startNetwork } from '../src/network.ts'
import { noBrowser, openWatched, startBrowser, type Watched } from './support/browser.ts'

const inBrowser = { skip: noBrowser }
let network: Network | undefined
let browser: Browser | undefined
let watched: Watched
let url: string

before(async () => {
  if (noBrowser !== false) return
  network = await startNetwork({ parties: ['alice'] })
  url = network.party('alice').url
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await network?.[Symbol.asyncDispose]()
})
beforeEach(async () => {
  if (noBrowser !== false) return
  await watched?.page.close()
  assert.ok(browser)
  watched = await openWatched(browser)
  await open(`${url}/api`)
})

async function open(address: string): Promise<void> {
  const { page } = watched
  await page.goto(address)
  await page.locator('#operations[aria-busy=false]').waitFor()
}

/** The form of an operation, unfolded. */
async function unfold(method: string, path: string): Promise<Locator> {
  const all = watched.page.locator('details.op')
  const one = all.filter({
    has: watched.page.locator(`summary:text-matches("^\\\\s*${method}${path}[A-Z]")`),
  })
  await one.locator('summary').first().click()
  return one.locator('form')
}

const body = (form: Locator): Locator => form.getByLabel('Request body')
const isGood = (form: Locator): Locator => form.locator('p.good')
const isBad = (form: Locator): Locator => form.locator('p.bad')

/** Sends, and tells the status line and the reply. */
async function send(form: Locator, outcome: Locator): Promise<{ status: string; reply: string }> {
  await form.getByRole('button', { name: 'Send' }).click()
  await outcome.waitFor()
  const reply = form.locator('pre').first()
  return {
    status: (await outcome.textContent()) ?? '',
    reply: (await reply.count()) === 0 ? '' : ((await reply.textContent()) ?? ''),
  }
}

test('lists every operation, and finds what is looked for', inBrowser, async () => {
  const { page, complaints } = watched
  const shown = page.locator('details.op:visible')
  assert.equal(await shown.count(), routes.length)
  await page.getByLabel('Find an operation').fill('post broadcast')
  assert.deepEqual(await shown.locator('code').allTextContents(), ['/messages/broadcast'])
  await page.getByLabel('Find an operation').fill('')
  assert.equal(await shown.count(), routes.length)
  assert.deepEqual(complaints, [])
})

test('sends the broadcast that it proposes, and lists it', inBrowser, async () => {
  const { complaints } = watched
  const form = await unfold('POST', '/messages/broadcast')
  await form.getByText('Query and headers').click()
  await form.getByLabel('confirm').fill('true')
  const sent = await send(form, isGood(form))
  assert.match(sent.status, /^200 OK/)
  assert.equal(JSON.parse(sent.reply).state, 'confirmed')
  const list = await unfold('GET', '/messages')
  await list.getByText('Query and headers').click()
  await list.getByLabel('topics').fill('greetings')
  await list.getByLabel('fetchdata').fill('true')
  const [found] = JSON.parse((await send(list, isGood(list))).reply)
  assert.equal(found.header.id, JSON.parse(sent.reply).header.id)
  assert.equal(found.data[0].value, 'hello')
  assert.deepEqual(complaints, [])
})

test('uploads a file', inBrowser, async () => {
  const form = await unfold('POST', '/data')
  const file = { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('some text') }
  await form.locator('input[type=file]').setInputFiles(file)
  const { status, reply } = await send(form, isGood(form))
  assert.match(status, /^201 /)
  assert.deepEqual(JSON.parse(reply).blob.name, 'a.txt')
  assert.deepEqual(watched.complaints, [])
})

test('shows numbers and markup as they came', inBrowser, async () => {
  const form = await unfold('POST', '/data')
  const value = '{"n":1.0,"big":12345678901234567890,"x":"<img src=x onerror=alert(1)>"}'
  await body(form).fill(`{"value":${value}}`)
  const { reply } = await send(form, isGood(form))
  assert.match(reply, /"n": 1\.0,\s+"big": 12345678901234567890/)
  assert.match(reply, /\\u003cimg src=x/)
  assert.equal(await form.locator('img').count(), 0)
  assert.deepEqual(watched.complaints, [])
})

test('says what is wrong with a body that is no JSON, and sends nothing', inBrowser, async () => {
  const form = await unfold('POST', '/messages/broadcast')
  await body(form).fill('{"data":[')
  const before = watched.requests.length
  assert.match((await send(form, isBad(form))).status, /^Not sent: the body is not JSON/)
  assert.equal(watched.requests.length, before)
  assert.deepEqual(watched.complaints, [])
})

test('waits for a parameter that must be given', inBrowser, async () => {
  const form = await unfold('GET', '/messages/\\\\{msgid\\\\}')
  const before = watched.requests.length
  await form.getByRole('button', { name: 'Send' }).click()
  assert.equal(await form.locator('input:invalid').count(), 1)
  assert.equal(watched.requests.length, before)
  assert.deepEqual(watched.complaints, [])
})

test('shows what the node refuses, whatever was written', inBrowser, async () => {
  const form = await unfold('GET', '/messages/\\\\{msgid\\\\}')
  for (const id of ['no id', 'a?b#c', '%00', 'é<b>']) {
    await form.getByLabel('msgid').fill(id)
    const { status, reply } = await send(form, isBad(form))
    assert.match(status, /^400 Bad Request/)
    assert.match(JSON.parse(reply).error, /^FF00138: '/)
    await form.evaluate((node) => node.querySelector('p.bad')?.remove())
  }
  const post = await unfold('POST', '/messages/broadcast')
  await body(post).fill('{"header":{"topics":"one"},"data":[]}')
  const { status, reply } = await send(post, isBad(post))
  assert.match(status, /^400 Bad Request/)
  assert.match(JSON.parse(reply).error, /^CC20002: .*topics/)
  // The browser notes each refusal by itself; nothing else is noted.
  assert.deepEqual(
    [...new Set(watched.complaints)],
    ['error: Failed to load resource: the server responded with a status of 400 (Bad Request)'],
  )
})

test('says so when the node is gone', inBrowser, async () => {
  const form = await unfold('GET', '/status')
  await watched.page.context().setOffline(true)
  assert.match((await send(form, isBad(form))).status, /^No reply: /)
})

test("a namespace's page sends to that namespace", inBrowser, async () => {
  await open(`${url}/api/v1/namespaces/default/api`)
  const form = await unfold('GET', '/status')
  const { reply } = await send(form, isGood(form))
  assert.equal(JSON.parse(reply).namespace.name, 'default')
  assert.ok(watched.requests.includes('GET /api/v1/namespaces/default/status'))
  assert.deepEqual(watched.complaints, [])
})
