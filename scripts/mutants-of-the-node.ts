import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { mutants } from '../packages/testkit/src/simulation/mutants.ts'

// npm run mutants -- [--seeds N] [part of a mistake]: plants one mistake after the other into a copy of the node. The
// simulation must notice each within N seeds.

const { values, positionals } = parseArgs({
  options: { seeds: { type: 'string', default: '150' } },
  allowPositionals: true,
})

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const place = mkdtempSync(join(tmpdir(), 'mutants-'))
const FIRST = '2000'
/** Of one mutant, in milliseconds. */
const timeout = 300_000

function copyTree(): void {
  for (const folder of [
    'scripts',
    'packages/node',
    'packages/protocol',
    'packages/sdk',
    'packages/testkit',
  ])
    cpSync(join(root, folder), join(place, folder), {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    })
  cpSync(join(root, 'package.json'), join(place, 'package.json'))
  const modules = join(place, 'node_modules')
  mkdirSync(join(modules, '@concordat'), { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== '@concordat') symlinkSync(join(root, 'node_modules', name), join(modules, name))
  for (const name of ['node', 'protocol', 'sdk', 'testkit'])
    symlinkSync(join(place, 'packages', name), join(modules, '@concordat', name))
}

/** The seed that fails, or undefined. */
function findKiller(): string | undefined {
  const args = ['--seed', FIRST, '--seeds', values.seeds, '--first-failure']
  const { stdout, status } = spawnSync(
    process.execPath,
    [join(place, 'scripts/simulate.ts'), ...args],
    { timeout, encoding: 'utf8', maxBuffer: 2 ** 28 },
  )
  if (status === 0) return undefined
  return /^seed (\d+) .*FAILED$/m.exec(stdout)?.[1] ?? 'broken'
}

try {
  copyTree()
  const [wanted = ''] = positionals
  const planted = mutants.filter(({ mistake, file }) => `${file} ${mistake}`.includes(wanted))
  let alive = 0
  for (const { file, find, replace, mistake } of planted) {
    const path = join(place, 'packages/node/src', file)
    const source = readFileSync(path, 'utf8')
    if (source.split(find).length !== 2) throw new Error(`${file} does not hold once: ${find}`)
    writeFileSync(
      path,
      source.replace(find, () => replace),
    )
    const killer = findKiller()
    writeFileSync(path, source)
    if (killer === undefined) alive++
    process.stdout.write(`${(killer ?? 'ALIVE').padEnd(8)} ${file}: ${mistake}\n`)
  }
  process.stdout.write(`${planted.length} mutants, ${alive} alive\n`)
  process.exitCode = alive === 0 ? 0 : 1
} finally {
  rmSync(place, { recursive: true })
}
