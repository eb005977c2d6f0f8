import { createRpc, type KnownSoFar, type NodeConfig, readProfile } from '@concordat/node'
import { chainSection, openKeys } from '../signing-keys.ts'
import { type Finding, fault, ok, reasonOf, warning } from './finding.ts'

const skewSeconds = 60
const limitMs = 10_000
type Rpc = ReturnType<typeof createRpc>

/** Whether the chain answers, is the one that was read before, keeps the time, and has the network's contracts. */
export async function checkChain(
  config: NodeConfig,
  known: KnownSoFar | undefined,
): Promise<Finding[]> {
  const { url, chainId: wanted, confirmations } = chainSection(config)
  const rpc = createRpc(url, limitMs)
  const [chainId, block, first] = await Promise.all([
    rpc.request({ method: 'eth_chainId' }),
    rpc.request({ method: 'eth_getBlockByNumber', params: ['latest', false] }),
    rpc.request({ method: 'eth_getBlockByNumber', params: ['0x0', false] }),
  ])
  const id = Number(chainId)
  const head = Number(block?.number)
  const findings: Finding[] = [
    wanted === undefined || wanted === id
      ? ok('chain', `answers at ${new URL(url).host}: id ${id}, block ${head}`)
      : fault('chain', `has id ${id}, not ${wanted}`, 'correct its url, or chainId'),
    ...checkHistory({ genesis: String(first?.hash), head }, known),
    checkClock(Number(block?.timestamp)),
  ]
  for (const { name, multiparty } of config.namespaces) {
    for (const { location } of multiparty?.contract ?? [])
      findings.push(await checkContract(rpc, name, location.address, confirmations))
  }
  return findings
}

/** The node has read this chain before, or none. */
function checkHistory(
  chain: { readonly genesis: string; readonly head: number },
  known: KnownSoFar | undefined,
): Finding[] {
  const read = known?.read ?? []
  const other = read.find(({ genesis }) => genesis !== chain.genesis)
  if (other)
    return [
      fault(
        `chain of ${other.namespace}`,
        `begins with block ${chain.genesis}; this node has read one that begins with ${other.genesis}`,
        'correct the url of the chain; a node can’t go on with another chain',
      ),
    ]
  const ahead = read.find(({ block }) => block > chain.head)
  if (ahead)
    return [
      warning(
        `chain of ${ahead.namespace}`,
        `ends at block ${chain.head}; this node has read block ${ahead.block} already`,
        'wait until the chain’s node has caught up, or choose another one',
      ),
    ]
  if (read.length === 0) return []
  return [ok('chain’s history', `the one this node has read, to block ${maximum(read)}`)]
}

const maximum = (read: KnownSoFar['read']): number => Math.max(...read.map(({ block }) => block))

function checkClock(timestamp: number): Finding {
  const ahead = Math.round(timestamp - Date.now() / 1000)
  if (ahead > skewSeconds)
    return warning(
      'clock',
      `the chain's last block is ${ahead} s ahead of this machine`,
      'set the clock (ntp)',
    )
  return ok('clock', `the chain's last block is ${Math.max(0, -ahead)} s old`)
}

async function checkContract(
  rpc: Rpc,
  namespace: string,
  address: string,
  configured: number | undefined,
): Promise<Finding> {
  const about = `contract of ${namespace}`
  try {
    const profile = await readProfile(rpc, `0x${address.replace(/^0x/, '')}`)
    const { networkVersion, confirmations } = profile
    if (confirmations !== undefined && configured !== undefined && confirmations !== configured)
      return fault(
        about,
        `its profile says ${confirmations} confirmations, the configuration ${configured}`,
        'remove confirmations from plugins.blockchain[].evm: the contract’s count',
      )
    const depth =
      confirmations === undefined
        ? `no profile: every member must configure the same confirmations (here: ${configured ?? 20})`
        : `${confirmations} confirmations`
    return ok(about, `${address}, network version ${networkVersion}, ${depth}`)
  } catch (error) {
    return fault(about, reasonOf(error), 'correct its address, or the URL of the chain')
  }
}

/** Whether the keys can be opened, and the organisation's is among them and can pay. */
export async function checkKeys(config: NodeConfig): Promise<Finding[]> {
  const opened = await openKeys(config)
  const findings: Finding[] = []
  const held: string[] = []
  for (const { source, outcome } of opened) {
    if (outcome.ok) held.push(...outcome.addresses)
    else findings.push(fault(`key ${source}`, outcome.reason, 'correct the file or its password'))
  }
  for (const { name, multiparty } of config.namespaces) {
    if (multiparty === undefined) continue
    const { key } = multiparty.org
    const isHeld = held.includes(key.toLowerCase())
    findings.push(
      isHeld
        ? ok(`key of ${name}`, key)
        : fault(
            `key of ${name}`,
            `${key} is not among the keys this node may sign with`,
            'add it under plugins.blockchain[].evm.keys; see: concordat keys list',
          ),
    )
  }
  return findings
}

/** What a pin costs, roughly. */
const gasOfPin = 120_000n
const fewPins = 1000n

/** Whether the organisations' keys can pay for pins, where gas is not free. */
export async function checkFunds(config: NodeConfig): Promise<Finding[]> {
  const { url, price } = chainSection(config)
  const rpc = createRpc(url, limitMs)
  const perGas =
    price === undefined || price === 'node'
      ? BigInt(await rpc.request({ method: 'eth_gasPrice' }))
      : BigInt(price)
  if (perGas === 0n) return [ok('funds', 'gas is free on this chain')]
  const keys = config.namespaces.flatMap(({ name, multiparty }) =>
    multiparty ? [{ name, key: multiparty.org.key }] : [],
  )
  return await Promise.all(
    keys.map(async ({ name, key }) => {
      const address: `0x${string}` = `0x${key.replace(/^0x/, '')}`
      const params: [`0x${string}`, 'latest'] = [address, 'latest']
      const balance = BigInt(await rpc.request({ method: 'eth_getBalance', params }))
      const pins = balance / (perGas * gasOfPin)
      const about = `funds of ${name}`
      const says = `${key} can pay for some ${pins} batches at the price of now`
      if (pins === 0n) return fault(about, `${key} can't pay for gas`, 'send it funds')
      return pins < fewPins ? warning(about, says, 'send it funds soon') : ok(about, says)
    }),
  )
}
