import { writeFileSync } from 'node:fs'
import { sampleChains } from '../packages/protocol/src/process/fold/testing/chains.testing.ts'

// node scripts/freeze-chains.ts <new file>: decision chains of flow/1, to be kept for ever. It never writes over a file:
// a chain that was frozen once says what flow/1 means.

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('Name the file to write')
const lines = sampleChains().map((chain) => `${JSON.stringify(chain)}\n`)
writeFileSync(file, lines.join(''), { flag: 'wx' })
