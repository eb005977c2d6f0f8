import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { call } from '../src/anvil.ts'
import { type AnvilProcess, freePort, startAnvil } from '../src/index.ts'

// What is published is not what runs in the repository: JavaScript, under node_modules, found through package.json alone.

const exec = promisify(execFile)
const root = fileURLToPath(new URL('../../../', import.meta.url))

let folder: string
let anvil: AnvilProcess

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'concordat-packed-'))
  anvil = await startAnvil()
})
after(async () => {
  await anvil[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** The installed command; resolves with what it printed. */
async function concordat(...args: string[]): Promise<string> {
  const { stdout } = await exec(join(folder, 'node_modules', '.bin', 'concordat'), args, {
    cwd: folder,
  })
  return stdout
}

test('tarballs install in an empty folder', async () => {
  await exec(process.execPath, [join(root, 'scripts', 'pack.ts'), folder])
  const tarballs = (await readdir(folder)).filter((name) => name.endsWith('.tgz')).sort()
  assert.equal(tarballs.length, 5)
  await writeFile(join(folder, 'package.json'), '{"name":"empty","private":true,"type":"module"}')
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund']
  await exec('npm', [...args, ...tarballs.map((name) => `./${name}`)], { cwd: folder })
  assert.match(await concordat('version'), /^concordat \d+\.\d+\.\d+ on Node /)
})

test('two companies meet as the guide says, and a script with the SDK follows', async () => {
  const alice = await makeParty('alice', [])
  const printed = await concordat('deploy', '-f', 'alice/config.yaml', '--confirmations', '0')
  const [contract = ''] = printed.split('\n')
  const bob = await makeParty('bob', ['--contract', contract, '--seed', alice.invitation])
  const nodes: ChildProcess[] = []
  try {
    nodes.push(await startInstalled('alice'))
    assert.doesNotMatch(await concordat('doctor', '-f', 'bob/config.yaml'), /^fault/m)
    nodes.push(await startInstalled('bob'))
    assert.equal(await runScript(alice.api, bob.api), 'confirmed message_confirmed "hello"\n')
  } finally {
    for (const node of nodes) await stop(node)
  }
})

interface Made {
  readonly api: number
  readonly invitation: string
}

/** `init` for one party, whose key gets funds. */
async function makeParty(name: string, more: readonly string[]): Promise<Made> {
  const [api, peers] = [await freePort(), await freePort()]
  const printed = await concordat(
    ...['init', '--org', name, '--chain', anvil.url, '--port', `${api}`],
    ...['--endpoint', `https://127.0.0.1:${peers}`, '--listen', '127.0.0.1', ...more],
  )
  const key = /Signing key: +(0x[0-9a-f]{40})/.exec(printed)?.[1]
  await call(anvil.url, 'anvil_setBalance', [key, `0x${(10n ** 18n).toString(16)}`])
  return { api, invitation: /Invitation: +(\S+)/.exec(printed)?.[1] ?? '' }
}

async function stop(node: ChildProcess): Promise<void> {
  node.kill('SIGTERM')
  const [code] = await once(node, 'exit')
  assert.equal(code, 0)
}

/** Resolves when it says that its API is there. */
async function startInstalled(party: string): Promise<ChildProcess> {
  const command = join(folder, 'node_modules', '.bin', 'concordat')
  const node = spawn(command, ['start', '-f', `${party}/config.yaml`], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: node.stdout }))
    if (line.startsWith('API at ')) {
      node.stdout.resume()
      return node
    }
  throw new Error('the node ended before it was ready')
}

const scriptFor = (alice: string, bob: string): string => `
import { createClient } from '@concordat/sdk'

const [alice, bob] = [createClient('${alice}'), createClient('${bob}')]
for (const client of [alice, bob]) {
  await client.api.postNewOrganizationSelf({ query: { confirm: true }, body: {} })
  await client.api.postNodesSelf({ query: { confirm: true }, body: {} })
}
const known = alice.events({ ephemeral: true, filter: { events: 'identity_confirmed' }, options: { firstEvent: 'oldest' } })
for await (const event of known) if (event.identity?.name === 'bob_node') break

await bob.api.putSubscription({
  body: {
    name: 'greetings',
    transport: 'websockets',
    filter: { events: 'message_confirmed', message: { tag: 'greeting' } },
    options: { firstEvent: 'oldest' },
  },
})
const sent = await alice.api.postNewMessagePrivate({
  query: { confirm: true },
  body: {
    header: { tag: 'greeting' },
    group: { members: [{ identity: 'bob' }] },
    data: [{ value: 'hello' }],
  },
})
for await (const event of bob.events({ name: 'greetings' })) {
  const [data] = await bob.api.getMsgData({ params: { msgid: event.reference } })
  const words: string[] = [sent.state ?? '', event.type, JSON.stringify(data?.value)]
  console.log(words.join(' '))
  break
}
`

/** Checks the script against the shipped declarations, and runs what the compiler makes of it. */
async function runScript(alice: number, bob: number): Promise<string> {
  const url = (port: number): string => `http://127.0.0.1:${port}`
  await writeFile(join(folder, 'script.ts'), scriptFor(url(alice), url(bob)))
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const options = ['--strict', '--target', 'es2024', '--lib', 'es2024,esnext.disposable,dom']
  const files = ['--module', 'nodenext', '--types', '', '--outDir', 'made', 'script.ts']
  await exec(process.execPath, [tsc, '--ignoreConfig', ...options, ...files], { cwd: folder })
  const made = join(folder, 'made', 'script.js')
  const { stdout } = await exec(process.execPath, [made], { cwd: folder, timeout: 60_000 })
  return stdout
}
