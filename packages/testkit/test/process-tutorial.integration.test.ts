import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Network, startNetwork } from '../src/index.ts'
import { type FencedBlock, fencedBlocks } from './support/fenced-blocks.ts'
import { pendingTransactions } from './support/mempool.ts'
import { inOneBlock } from './support/processes.ts'

const page = new URL('../../../docs/process/tutorial.md', import.meta.url)
const cli = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))
const sdk = fileURLToPath(new URL('../../sdk/src/index.ts', import.meta.url))
const root = fileURLToPath(new URL('../../..', import.meta.url))
const execute = promisify(execFile)
const NAMES = ['org_0', 'org_1', 'org_2']

let network: Network
let folder: string

before(async () => {
  network = await startNetwork({ parties: NAMES })
  folder = await mkdtemp(join(tmpdir(), 'concordat-tutorial-'))
})
after(async () => {
  await network[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** The text of an example, made for this network and this checkout. */
const here = (text: string): string =>
  NAMES.reduce(
    (said, name, i) => said.replaceAll(`http://127.0.0.1:${5000 + i}`, network.party(name).url),
    text,
  )
    .replaceAll('npx concordat', `${process.execPath} ${cli}`)
    .replaceAll("'@concordat/sdk'", `'${sdk}'`)

/** Runs a block in a shell that remembers the variables of those before. */
async function runShell({ text }: FencedBlock): Promise<string> {
  const script = `touch vars; . ./vars\n${here(text)}\ndeclare -p buyer seller json id > vars 2>&- || :`
  const { stdout } = await execute('bash', ['-c', script], { cwd: folder })
  return stdout
}

/** A person reads an answer before going on; meanwhile what one node has decided reaches the other. */
async function settle(): Promise<void> {
  const [buyer, seller] = [network.party('org_0'), network.party('org_1')]
  const known = async (party: typeof buyer): Promise<string> => {
    const { read } = party.namespace.database
    const flows = await read.selectFrom('flows').select('hash').execute()
    const processes = await read.selectFrom('processes').select(['id', 'hash']).execute()
    return JSON.stringify([flows, processes])
  }
  await seller.until(
    async () => (await known(buyer)) === (await known(seller)),
    'both know the same',
  )
}

/** All that is shown is there; there may be more. */
function assertShown(actual: unknown, shown: unknown, at: string): void {
  if (typeof shown !== 'object' || shown === null) {
    assert.deepEqual(actual, shown, at)
    return
  }
  assert(typeof actual === 'object' && actual !== null, at)
  if (Array.isArray(shown)) assert.equal(Object.keys(actual).length, shown.length, at)
  for (const [key, value] of Object.entries(shown)) {
    assertShown(Reflect.get(actual, key), value, `${at} ${key}`)
  }
}

/** The last of the JSON texts that stand one after the other. */
function lastJson(text: string): unknown {
  const starts = [...text.matchAll(/(?<=^|\}|\])[{[]/g)].map(({ index }) => index)
  for (const start of starts) {
    try {
      return JSON.parse(text.slice(start))
    } catch {}
  }
  return assert.fail(`no JSON in ${text}`)
}

test('the tutorial does what it says, from the first file to the payment', async () => {
  let output = ''
  for (const block of fencedBlocks(page)) {
    const at = `tutorial.md:${block.line}`
    if (block.text.includes('withdraw.json')) assertRace(await runRace(block))
    else if (block.language === 'sh') output = await runShell(block)
    else if (block.language === 'json')
      assertShown(lastJson(output), JSON.parse(block.text), `${at} in ${output}`)
    await settle()
  }
})

/** Both steps are on their way before the chain puts them in order. */
async function runRace(block: FencedBlock): Promise<string> {
  let running = Promise.resolve('')
  await inOneBlock(network, async () => {
    running = runShell(block)
    await pendingTransactions(network, 2)
  })
  return await running
}

/** One of both won, and the other is told which. */
function assertRace(output: string): void {
  const [accept, withdraw] = output
    .replace('}{', '}\n{')
    .split('\n')
    .map((text) => JSON.parse(text))
  const [winner, loser] = accept.error === undefined ? [accept, withdraw] : [withdraw, accept]
  assert.equal(winner.decision.verdict, 'accepted')
  assert.equal(loser.decision.code, 'CONFLICT')
  assert.equal(loser.decision.winner.message, winner.message)
}

test('the program of the tutorial is typed by the definition, and prints what it says', async () => {
  const program = fencedBlocks(page).find(({ language }) => language === 'ts')
  assert(program)
  await writeFile(join(folder, 'order.ts'), here(program.text))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  const compilerOptions = { typeRoots: [join(root, 'node_modules/@types')] }
  const config = { extends: join(root, 'tsconfig.json'), include: ['*.ts'], compilerOptions }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const compiler = join(root, 'node_modules/.bin/tsc')
  const typed = await execute(compiler, ['-p', folder]).catch((error) => error)
  assert.equal(typed.stdout, '')
  const { stdout } = await execute(process.execPath, ['order.ts'], { cwd: folder })
  const said = [...program.text.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(([, line]) => line)
  assert.deepEqual(stdout.trim().split('\n'), said)
})
