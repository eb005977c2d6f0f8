import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ensureCertificate } from '@concordat/node'
import { type AnvilProcess, startAnvil } from '@concordat/testkit'
import { callOne } from './dev/chain/rpc.ts'
import { createPorts } from './dev/ports.ts'
import { run } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'commands-'))
const ports = createPorts([])
let anvil: AnvilProcess
before(async () => {
  anvil = await startAnvil()
})
after(async () => {
  await anvil[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

interface Done {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A command line, as `main.ts` runs it. */
function begin(args: readonly string[]) {
  const stop = new AbortController()
  const out: string[] = []
  const err: string[] = []
  const context = {
    print: (line: string) => void out.push(line),
    cwd: folder,
    program: '',
    stop: stop.signal,
  }
  const code = run({ args, context, complain: (line) => void err.push(line) })
  const done = code.then(
    (value): Done => ({ code: value, out: out.join('\n'), err: err.join('\n') }),
  )
  return { done, stop: () => stop.abort(), said: () => out.join('\n') }
}

const concordat = (...args: string[]): Promise<Done> => begin(args).done

async function refuses(args: readonly string[], code: number, line: RegExp): Promise<void> {
  const done = await concordat(...args)
  const what = args.join(' ')
  assert.equal(done.code, code, `${what}: ${done.err}${done.out}`)
  assert.match(done.err, /^concordat: ([^\n]+|.*configuration has faults:[\s\S]+)$/i, what)
  assert.match(done.err, line, what)
}

const pathOf = (...parts: string[]): string => join(folder, ...parts)
const edit = (file: string, change: (text: string) => string): void =>
  writeFileSync(file, change(readFileSync(file, 'utf8')))

interface Made {
  readonly api: number
  readonly key: string
  readonly invitation: string
}

async function init(org: string, ...more: string[]): Promise<Made> {
  const [api, peers] = [await ports.choose(), await ports.choose()]
  const done = await concordat(
    ...['init', '--org', org, '--chain', anvil.url, '--port', `${api}`, '--listen', '127.0.0.1'],
    ...['--endpoint', `https://127.0.0.1:${peers}`, ...more],
  )
  assert.equal(done.code, 0, done.err)
  edit(pathOf(org, 'config.yaml'), (text) => `log: { filename: node.log }\n${text}`)
  return {
    api,
    key: /Signing key: +(0x[0-9a-f]{40})/.exec(done.out)?.[1] ?? '',
    invitation: /Invitation: +(\S+)/.exec(done.out)?.[1] ?? '',
  }
}

const fund = (key: string, ether: bigint): Promise<unknown> =>
  callOne(anvil.url, 'anvil_setBalance', [key, `0x${(ether * 10n ** 18n).toString(16)}`])

test('init makes a party, once; what is wrong is told with the option', async () => {
  const good = [
    'init',
    '--org',
    'acme',
    '--chain',
    'http://127.0.0.1:1',
    '--endpoint',
    'https://a:1',
  ]
  assert.equal((await concordat(...good)).code, 0)
  for (const file of ['config.yaml', 'keys/password', 'tls/key.pem'])
    assert.equal(statSync(pathOf('acme', file)).mode & 0o077, 0, file)
  await refuses(good, 1, /config\.yaml is there already/)
  const replaced = (option: string, value: string): string[] =>
    good.map((arg, i) => (good[i - 1] === option ? value : arg))
  const without = (option: string): string[] =>
    good.filter((arg, i) => arg !== option && good[i - 1] !== option)
  const wrong: readonly (readonly [string[], RegExp])[] = [
    [without('--org'), /--org/],
    [replaced('--org', 'a b'), /--org/],
    [without('--chain'), /--chain/],
    [replaced('--chain', 'ftp://x'), /--chain/],
    [replaced('--chain', 'http://'), /--chain/],
    [without('--endpoint'), /--endpoint/],
    [replaced('--endpoint', 'http://a:1'), /--endpoint/],
    [replaced('--endpoint', 'https://'), /--endpoint/],
    [[...good, '--port', '70000'], /--port: '70000'/],
    [[...good, '--port', 'x'], /--port/],
    [[...good, '--contract', '0x12'], /--contract/],
    [[...good, '--database', 'oracle://x'], /--database/],
    [[...good, '--node', '-'], /--node/],
    [[...good, '--seed', 'https://x'], /is not an invitation/],
    [[...good, '--huh'], /--huh/],
    [[...good, 'stray'], /stray/],
  ]
  for (const [args, line] of wrong) await refuses([...args, '--dir', 'other'], 2, line)
  await refuses([...replaced('--org', 'beta'), '--dir', 'acme/config.yaml/x'], 1, /not a folder/)
})

test('keys are made, imported and listed', async () => {
  const made = await concordat('keys', 'create', '--dir', 'ring')
  assert.equal(made.code, 0, made.err)
  const [, address = '', file = ''] = /^(0x[0-9a-f]{40}) {2}(\S+)/.exec(made.out) ?? []
  assert.equal(statSync(file).mode & 0o077, 0)
  const { secret = '', address: known } = anvil.accounts[0] ?? {}
  writeFileSync(pathOf('secret'), `${secret.slice(2)}\n`)
  const imported = ['keys', 'import', '--dir', 'ring', '--secret', 'secret']
  assert.ok((await concordat(...imported)).out.startsWith(`${known}  `))
  await refuses(imported, 1, /is there already/)
  writeFileSync(pathOf('rubbish'), 'rubbish')
  writeFileSync(pathOf('empty'), '')
  await refuses([...imported.slice(0, -1), 'rubbish'], 1, /not a secret key: 64 hex digits/)
  await refuses([...imported.slice(0, -1), 'nowhere'], 1, /no such file or folder: .*nowhere/)
  await refuses(['keys', 'create', '--dir', 'ring', '--password', 'empty'], 1, /empty is empty/)
  await refuses(['keys', 'import'], 2, /--secret FILE/)
  await refuses(['keys'], 2, /create, import or list/)
  await refuses(['keys', 'dance'], 2, /create, import or list/)
  await refuses(['keys', 'list', 'too', 'many'], 2, /Unexpected argument/)
  await refuses(['keys', 'list', '-f', 'nowhere.yaml'], 1, /nowhere\.yaml/)

  const config = pathOf('acme', 'config.yaml')
  edit(config, (text) => text.replace('address: ""', `address: "0x${'12'.repeat(20)}"`))
  const own = await concordat('keys', 'list', '-f', config)
  assert.deepEqual([own.code, own.out.split('\n').length], [0, 1], own.err)
  writeFileSync(pathOf('acme', 'keys', 'password'), 'wrong\n')
  const locked = await concordat('keys', 'list', '-f', config)
  assert.equal(locked.code, 1)
  assert.match(locked.out, /^unusable {2}\S+\.json: .*password/i)
  assert.notEqual(address, '')
})

let alice: Made
let bob: Made
const nodes = new Map<string, ReturnType<typeof begin>>()

async function start(org: string, { api }: Made): Promise<void> {
  const node = begin(['start', '-f', `${org}/config.yaml`])
  const ready = async (): Promise<void> => {
    while (!node.said().includes('API at ')) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const ended = await Promise.race([node.done, ready()])
  assert.equal(ended, undefined, JSON.stringify(ended))
  assert.equal((await fetch(`http://127.0.0.1:${api}/readyz`)).status, 200)
  nodes.set(org, node)
}
async function stop(org: string): Promise<void> {
  const node = nodes.get(org)
  nodes.delete(org)
  node?.stop()
  assert.equal((await node?.done)?.code ?? 0, 0)
}
after(async () => {
  for (const org of nodes.keys()) await stop(org)
})

const examine = (org: string): Promise<Done> => concordat('doctor', '-f', `${org}/config.yaml`)

/** The doctor's fault (or warning) about something, with what to do. */
async function finds(org: string, fault: RegExp, mark = 'FAULT'): Promise<void> {
  const { code, out } = await examine(org)
  if (mark === 'FAULT') assert.equal(code, 1, out)
  const found = out.match(new RegExp(`^${mark} .*\\n +→ .+$`, 'gm')) ?? []
  assert.ok(
    found.some((lines) => fault.test(lines)),
    `${fault} in\n${out}`,
  )
}
async function isWell(org: string): Promise<string> {
  const { code, out } = await examine(org)
  assert.equal(code, 0, out)
  assert.doesNotMatch(out, /FAULT|warning/)
  return out
}

test('deploy wants a number, a key that can pay, and a chain; it does it once', async () => {
  alice = await init('alice')
  const args = ['deploy', '-f', 'alice/config.yaml']
  await refuses(args, 2, /--confirmations/)
  await refuses([...args, '--confirmations', '-1'], 2, /--confirmations/)
  await refuses([...args, '--confirmations', '0', '--writer', 'me'], 1, /me/)
  await refuses(['deploy', '-f', 'nowhere.yaml', '--confirmations', '0'], 1, /nowhere\.yaml/)
  await refuses([...args, '--confirmations', '0'], 1, /funds/i)
  await fund(alice.key, 1n)
  const password = pathOf('alice', 'keys', 'password')
  renameSync(password, `${password}.kept`)
  writeFileSync(password, 'wrong\n')
  await refuses([...args, '--confirmations', '0'], 1, /no key of the configuration/)
  renameSync(`${password}.kept`, password)
  const config = pathOf('alice', 'config.yaml')
  copyFileSync(config, `${config}.kept`)
  edit(config, (text) => text.replace(anvil.url, 'http://127.0.0.1:9'))
  await refuses([...args, '--confirmations', '0'], 1, /chain does not answer/i)
  renameSync(`${config}.kept`, config)
  const done = await concordat(...args, '--confirmations', '0')
  assert.equal(done.code, 0, done.err)
  const [contract = ''] = done.out.split('\n')
  await refuses([...args, '--confirmations', '0'], 1, /names a contract already/)
  bob = await init('bob', '--contract', contract, '--seed', alice.invitation)
})

test('invite prints what init printed', async () => {
  assert.equal((await concordat('invite', '-f', 'alice/config.yaml')).out, alice.invitation)
  await refuses(['invite', '-f', 'nowhere.yaml'], 1, /nowhere\.yaml/)
  const file = pathOf('bob', 'tls', 'cert.pem')
  renameSync(file, `${file}.kept`)
  await refuses(['invite', '-f', 'bob/config.yaml'], 1, /no such file or folder: .*cert\.pem/)
  renameSync(`${file}.kept`, file)
})

test('doctor tells what is missing before a first start', async () => {
  await finds('bob', /seed 127\.0\.0\.1:\d+: does not answer/)
  await finds('bob', /funds of default: 0x\w+ can't pay for gas/)
  await fund(bob.key, 1n)
  assert.match(await isWell('alice'), /schema: no database yet/)
  const { out, code } = await concordat('doctor', '-f', 'nowhere.yaml')
  assert.deepEqual([code, /^FAULT .*nowhere\.yaml.*\n +→ .+$/.test(out)], [1, true], out)
})

test('start refuses a port in use, and a second node on the same data', async () => {
  await refuses(['start', '-f', 'nowhere.yaml'], 1, /nowhere\.yaml/)
  await refuses(['start', '--huh'], 2, /--huh/)
  const stranger = createServer().listen(alice.api, '127.0.0.1')
  await once(stranger, 'listening')
  await refuses(['start', '-f', 'alice/config.yaml'], 1, /127\.0\.0\.1:\d+ .*EADDRINUSE/)
  stranger.close()
  await start('alice', alice)
  await refuses(['start', '-f', 'alice/config.yaml'], 1, /in use by another process/)
})

test('doctor sees that members answer with the certificates they registered', async () => {
  await start('bob', bob)
  for (const { api } of [alice, bob])
    for (const what of ['organizations', 'nodes']) {
      const url = `http://127.0.0.1:${api}/api/v1/network/${what}/self?confirm=true`
      const headers = { 'content-type': 'application/json' }
      assert.equal((await fetch(url, { method: 'POST', headers, body: '{}' })).status, 200)
    }
  const nodes = `http://127.0.0.1:${bob.api}/api/v1/network/nodes?count`
  while ((await (await fetch(nodes)).text()).startsWith('{"count":1,'))
    await new Promise((resolve) => setTimeout(resolve, 20))
  const out = await isWell('bob')
  for (const said of [
    /keys?\b.*0x/,
    /chain: answers at .*id 31337/,
    /chain’s history: the one this node has read/,
    /clock: the chain's last block is \d+ s old/,
    /contract of default: .*0 confirmations/,
    /funds of default: .*can pay for some \d+ batches/,
    /certificate: valid until/,
    /certificate in default: the one registered for did:firefly:node\/bob_node/,
    /seed 127\.0\.0\.1:\d+: answers/,
    /member alice_node at 127\.0\.0\.1:\d+: answers; its certificate is valid until/,
    /database: SQLite in/,
    /schema: up to date/,
    /disk: .* GB free/,
    /shared storage sharedstorage0: peer/,
  ])
    assert.match(out, new RegExp(`^ok +${said.source}`, 'm'))
  await stop('alice')
  await finds('bob', /member alice_node at .*: does not answer/)
  await start('alice', alice)
})

test('doctor sees another chain, a wrong profile, and clocks apart', async () => {
  const config = pathOf('bob', 'config.yaml')
  const original = readFileSync(config, 'utf8')
  await using other = await startAnvil({ genesisTime: 1_700_000_000 })
  writeFileSync(config, original.replace(anvil.url, other.url))
  await finds('bob', /chain of default: begins with block 0x\w+; this node has read one/)
  await finds('bob', /contract of default: .*there is no contract/)
  await callOne(other.url, 'evm_setNextBlockTimestamp', [Math.floor(Date.now() / 1000) + 600])
  await callOne(other.url, 'evm_mine')
  await finds('bob', /clock: the chain's last block is \d+ s ahead/, 'warning')
  writeFileSync(config, original.replace(anvil.url, 'http://127.0.0.1:9'))
  await finds('bob', /chain: HTTP request failed: fetch failed/)
  writeFileSync(
    config,
    original.replace(/( +)url: http.*\n/, '$&$1confirmations: 7\n$1chainId: 1\n'),
  )
  await finds('bob', /its profile says 0 confirmations, the configuration 7/)
  await finds('bob', /chain: has id 31337, not 1/)
  writeFileSync(config, original)
})

test('doctor sees a certificate that is old, another, or no longer registered', async () => {
  const dir = pathOf('bob', 'tls')
  for (const name of ['cert.pem', 'key.pem']) renameSync(join(dir, name), join(dir, `${name}.kept`))
  const years = (count: number): number => count * 365 * 24 * 3600_000
  const made = { dataDir: dir, hostnames: ['elsewhere.example'], peerId: 'bob' }
  await ensureCertificate({ ...made, now: Date.now() - years(31) })
  await finds('bob', /certificate: expired on/)
  await finds('bob', /certificate in default: is not the one registered/)
  rmSync(join(dir, 'cert.pem'))
  await ensureCertificate({ ...made, now: Date.now() - years(30) + 10 * 24 * 3600_000 })
  await finds('bob', /certificate: expires on/, 'warning')
  copyFileSync(join(dir, 'key.pem.kept'), join(dir, 'key.pem'))
  await finds('bob', /certificate: .*key\.pem is not its key/)
  for (const name of ['cert.pem', 'key.pem']) renameSync(join(dir, `${name}.kept`), join(dir, name))
  await isWell('bob')
})

test('doctor sees a database of a newer program, and one that is none', async () => {
  await stop('bob')
  const config = pathOf('bob', 'config.yaml')
  const original = readFileSync(config, 'utf8')
  writeFileSync(pathOf('bob', 'no.db'), 'this is no database, and long enough to be seen as none')
  writeFileSync(config, original.replace('data/concordat.db', 'no.db'))
  await finds('bob', /database: .*not a database/)
  writeFileSync(
    config,
    original.replace(/type: sqlite3\n +sqlite3:\n +url: .*\n/, (text) =>
      text
        .replaceAll('sqlite3', 'postgres')
        .replace(/url: .*/, 'url: postgres://nobody@127.0.0.1:9/none'),
    ),
  )
  await finds('bob', /database: .*ECONNREFUSED/)
  writeFileSync(config, original)
})

test('help explains each command, and knows no others', async () => {
  const { out } = await concordat('help')
  for (const name of ['dev', 'init', 'deploy', 'start', 'doctor', 'invite', 'keys', 'version']) {
    assert.match(out, new RegExp(`^ {2}${name} `, 'm'))
    assert.match((await concordat('help', name)).out, new RegExp(`^Usage: concordat ${name}`, 'm'))
  }
  await refuses(['help', 'dance'], 2, /no command 'dance'/)
})
