import { createRpc, type NodeConfig, readProfile } from '@concordat/node'
import { chainSection, openKeys } from '../signing-keys.ts'
import { type Finding, fault, ok, warning } from './finding.ts'

const skewSeconds = 60

/** Whether the chain answers, the contract is there, and the organisation's key can sign and pay. */
export async function checkChain(config: NodeConfig): Promise<Finding[]> {
  const { url } = chainSection(config)
  const rpc = createRpc(url, 10_000)
  const [chainId, block] = await Promise.all([
    rpc.request({ method: 'eth_chainId' }),
    rpc.request({ method: 'eth_getBlockByNumber', params: ['latest', false] }),
  ])
  const findings = [
    ok(
      'chain',
      `answers at ${new URL(url).host}: id ${Number(chainId)}, block ${Number(block?.number)}`,
    ),
  ]
  const ahead = Number(block?.timestamp) - Date.now() / 1000
  if (ahead > skewSeconds) {
    findings.push(
      warning(
        'clock',
        `the chain's last block is ${Math.round(ahead)} s ahead of this machine`,
        'set the clock (ntp)',
      ),
    )
  }
  for (const { name, multiparty } of config.namespaces) {
    for (const { location } of multiparty?.contract ?? []) {
      findings.push(await checkContract(rpc, name, location.address))
    }
  }
  return findings
}

async function checkContract(
  rpc: ReturnType<typeof createRpc>,
  namespace: string,
  address: string,
): Promise<Finding> {
  const about = `contract of ${namespace}`
  try {
    const { networkVersion, confirmations } = await readProfile(
      rpc,
      `0x${address.replace(/^0x/, '')}`,
    )
    const depth =
      confirmations === undefined
        ? 'no profile: every member must configure the same confirmations'
        : `${confirmations} confirmations`
    return ok(about, `${address}, network version ${networkVersion}, ${depth}`)
  } catch (error) {
    return fault(
      about,
      error instanceof Error ? error.message : 'unusable',
      'correct its address, or the URL of the chain',
    )
  }
}

/** Whether the keys can be opened and the organisation's is among them. */
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
