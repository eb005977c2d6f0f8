import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { templates } from '@concordat/protocol/process'
import type { Context } from '../command.ts'
import { Failure } from '../failure.ts'
import { aborted } from '../lifeline.ts'
import { type ChainReady, parseChainReady } from './chain/ready.ts'
import { type Child, startChild } from './child.ts'
import { ensureContract } from './contract.ts'
import { createDatabases, databasesOf, dropDatabases } from './databases.ts'
import { type Network, type Party, readNetwork, writeNetwork } from './network.ts'
import type { DevOptions } from './options.ts'
import { makeSeeds, partyDir, writeFiles } from './party-files.ts'
import { planNetwork } from './plan.ts'
import { createPorts, isFree } from './ports.ts'
import { agreeOn, registerNode, registerOrg, untilAllKnown } from './register.ts'
import { type RunFile, takeRunFile } from './run-file.ts'
import { divideAccounts } from './stack-files.ts'
import { whereNext } from './where-next.ts'

/** Runs a network until it is told to stop, or a part of it ends. Resolves with the exit code. */
export async function runDev(options: DevOptions, context: Context): Promise<number> {
  const { dataDir } = options
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  refuseStrangersFolder(dataDir)
  const runFile = await takeRunFile(dataDir)
  const children: Child[] = []
  try {
    await Promise.race([start(options, context, runFile, children), rejectOnStop(context.stop)])
    const end = await Promise.race([aborted(context.stop), ...children.map(({ ended }) => ended)])
    if (end !== undefined) throw new Failure(end)
    context.print('Stopping')
    return 0
  } catch (error) {
    if (!context.stop.aborted) throw error
    context.print('Stopped before it was ready')
    return 1
  } finally {
    await stopAll(children)
    runFile.remove()
  }
}

/** A folder with files of something else is left alone, `--reset` or not. */
function refuseStrangersFolder(dataDir: string): void {
  if (existsSync(join(dataDir, 'network.json')) || existsSync(join(dataDir, 'run.json'))) return
  if (readdirSync(dataDir).length > 0) {
    throw new Failure(
      `${dataDir} holds something else than a network; choose another folder with --data`,
    )
  }
}

function rejectOnStop(stop: AbortSignal): Promise<never> {
  return aborted(stop).then(() => {
    throw new Failure('stopped')
  })
}

/** Nodes first, the chain last: their last transactions must find it. */
async function stopAll(children: readonly Child[]): Promise<void> {
  const [chain, ...nodes] = children
  await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()))
  await chain?.[Symbol.asyncDispose]()
}

async function start(
  options: DevOptions,
  context: Context,
  runFile: RunFile,
  children: Child[],
): Promise<void> {
  const { dataDir } = options
  const { print, stop } = context
  const began = performance.now()
  if (options.reset) await reset(dataDir)
  const before = readNetwork(dataDir)
  const planned = await plan(before, options)
  await refuseTakenPorts(planned)
  writeNetwork(dataDir, planned)
  mkdirSync(join(dataDir, 'logs'), { recursive: true, mode: 0o700 })
  const launch = async (name: string, args: readonly string[]): Promise<Child> => {
    const logFile = join(dataDir, 'logs', `${name.replaceAll(' ', '-')}.log`)
    closeSync(openSync(logFile, 'w', 0o600))
    const child = startChild({ name, program: context.program, args, logFile })
    children.push(child)
    await runFile.add(child.pid)
    return child
  }

  const chain = await launch('the chain', ['dev-chain', '--data', dataDir])
  const seeds = await makeSeeds(dataDir, planned.parties)
  const facts = parseChainReady(await chain.ready)
  // Its keeper ends it, unless the keeper is killed too.
  await runFile.add(facts.pid)
  refuseAnotherChain(planned, facts, dataDir)
  const accounts = divideAccounts(facts.accounts, planned.parties.length)
  const contract = await ensureContract(facts.url, planned, accounts.deployer, stop)
  const network = { ...planned, chain: { ...planned.chain, genesis: facts.genesis, contract } }
  writeNetwork(dataDir, network)
  print(chainLine(network, facts))

  await createDatabases(network)
  const databases = databasesOf(network)
  writeFiles({ dataDir, network, chainUrl: facts.url, contract, accounts, seeds, databases })
  const runOne = async (party: Party): Promise<void> => {
    const config = join(partyDir(dataDir, party.name), 'config.yaml')
    const child = await launch(party.name, ['start', '-f', config, '--with-parent'])
    await child.ready
  }
  const nodes = network.parties.map(runOne)
  await Promise.all(nodes)
  await register(network.parties, context)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  print(whereNext({ network, dataDir, cwd: context.cwd, seconds }))
}

async function reset(dataDir: string): Promise<void> {
  const network = readable(dataDir)
  if (network !== undefined) await dropDatabases(network)
  for (const name of ['chain', 'parties', 'stack', 'logs', 'network.json']) {
    rmSync(join(dataDir, name), { recursive: true, force: true })
  }
}

/** A file that can't be read is no reason not to begin anew. */
function readable(dataDir: string): Network | undefined {
  try {
    return readNetwork(dataDir)
  } catch {
    return undefined
  }
}

function plan(before: Network | undefined, options: DevOptions): Promise<Network> {
  const taken = [...(before?.parties ?? []).map(({ exchangePort }) => exchangePort)]
  for (let i = 0; i < 24; i++) taken.push((options.port ?? 5000) + i)
  return planNetwork(before, options, createPorts(taken))
}

async function refuseTakenPorts({ chain, parties }: Network): Promise<void> {
  for (const { name, apiPort, exchangePort, spiPort } of parties) {
    const kept = 'stop what listens there: it is kept for this network'
    await refuseTaken(
      apiPort,
      `the API of ${name}`,
      'stop what listens there, or choose others with --port',
    )
    await refuseTaken(exchangePort, `${name} and the other parties`, kept)
    if (spiPort !== undefined)
      await refuseTaken(spiPort, `the SPI of ${name}`, 'choose others with --spi-port')
  }
  await refuseTaken(chain.port, 'the chain', 'stop what listens there: it is kept for this network')
}

async function refuseTaken(port: number, what: string, mend: string): Promise<void> {
  if (!(await isFree(port))) throw new Failure(`port ${port}, for ${what}, is in use; ${mend}`)
}

/** Nodes remember the chain; on another one, or a shorter one, they would stop. */
function refuseAnotherChain(network: Network, facts: ChainReady, dataDir: string): void {
  const { genesis } = network.chain
  if (genesis !== undefined && genesis !== facts.genesis) {
    throw new Failure(
      `the chain in ${join(dataDir, 'chain')} is gone and another one has begun, so the nodes' data belongs to no chain; begin anew with --reset`,
    )
  }
  if (facts.lostFrom !== undefined) {
    throw new Failure(
      `the chain lost its blocks from ${facts.lostFrom} on when it was stopped hard, and the nodes have read them; begin anew with --reset`,
    )
  }
}

function chainLine({ chain, blockTime }: Network, facts: ChainReady): string {
  const pace =
    blockTime === undefined ? 'a block for each transaction' : `a block every ${blockTime} s`
  const back = facts.replayed === 0 ? '' : `, ${facts.replayed} blocks put back after a hard stop`
  return `Chain at ${facts.url}, block ${facts.head}, ${pace}${back}\nContract ${chain.contract}`
}

async function register(parties: readonly Party[], { print, stop }: Context): Promise<void> {
  await Promise.all(
    parties.map(async (party) => {
      await registerOrg(party, stop)
      await registerNode(party, stop)
      print(`${party.name} is ready: http://127.0.0.1:${party.apiPort}`)
    }),
  )
  await Promise.all(parties.map((party) => untilAllKnown(party, parties.length, stop)))
  const flow = 'purchase-order@1.0.0'
  await agreeOn(parties, { flow, text: templates['purchase-order'] }, stop)
  print(`All parties have adopted the process ${flow}`)
}
