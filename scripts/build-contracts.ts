import { readFile, writeFile } from 'node:fs/promises'
import solc from 'solc'

const root = new URL('../', import.meta.url)

interface Unit {
  readonly contract: string
  readonly source: string
  readonly target: string
}

/** Every contract, and the generated file that carries it. */
const units: readonly Unit[] = [
  {
    contract: 'Concordat',
    source: 'contracts/Concordat.sol',
    target: 'packages/node/src/chain/evm/contract.generated.ts',
  },
  {
    contract: 'Junkyard',
    source: 'contracts/test/Junkyard.sol',
    target: 'packages/node/src/chain/evm/test/junkyard.generated.ts',
  },
  {
    contract: 'Bare',
    source: 'contracts/test/Bare.sol',
    target: 'packages/node/src/chain/evm/test/bare.generated.ts',
  },
]

interface CompilerOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[]
  readonly contracts?: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly abi: readonly unknown[]
            readonly evm: { readonly bytecode: { readonly object: string } }
          }
        >
      >
    >
  >
}

// Paris: no PUSH0 and no transient storage, so that the code also runs on older permissioned chains.
const settings = {
  evmVersion: 'paris',
  optimizer: { enabled: true, runs: 100_000 },
  metadata: { bytecodeHash: 'none', appendCBOR: false },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
}

/** Compiles one contract; resolves with the text of its generated file. */
export async function generate(unit: Unit): Promise<string> {
  const contents = units.map(async ({ source }) => {
    const content = await readFile(new URL(source, root), 'utf8')
    return [source, { content }] as const
  })
  const sources = Object.fromEntries(await Promise.all(contents))
  const input = { language: 'Solidity', sources, settings }
  const output: CompilerOutput = JSON.parse(solc.compile(JSON.stringify(input)))
  const faults = output.errors ?? []
  if (faults.length > 0) throw new Error(faults.map((fault) => fault.formattedMessage).join('\n'))
  const built = output.contracts?.[unit.source]?.[unit.contract]
  if (!built) throw new Error(`${unit.source} has no contract ${unit.contract}`)
  const name = unit.contract.toLowerCase()
  return [
    `// Made from ${unit.source} by scripts/build-contracts.ts (solc ${solc.version()}). Do not edit.`,
    `export const ${name}Abi = ${JSON.stringify(built.abi, null, 2)} as const`,
    '',
    `export const ${name}Bytecode =`,
    `  '0x${built.evm.bytecode.object}' as const`,
    '',
  ].join('\n')
}

/** Each generated file that differs from what its source makes. */
export async function findStale(): Promise<string[]> {
  const stale: string[] = []
  for (const unit of units) {
    const text = await generate(unit)
    const found = await readFile(new URL(unit.target, root), 'utf8').catch(() => '')
    if (found !== text) stale.push(unit.target)
  }
  return stale
}

if (import.meta.main) {
  for (const unit of units) await writeFile(new URL(unit.target, root), await generate(unit))
}
