import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mutants } from '../packages/protocol/src/process/fold/testing/mutants.testing.ts'

// node scripts/mutants.ts [part of a mistake]: plants one mistake after the other into a copy of the fold of processes. Each
// must make a test fail, and not only the frozen chains, which notice any change.

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tests = [
  'stories',
  'semantics',
  'wire/wire',
  'hostile.property',
  'verdict.property',
  'chain.property',
]
/** Of one test file, in milliseconds. */
const timeout = 60_000

const place = mkdtempSync(join(tmpdir(), 'mutants-'))
const fold = join(place, 'packages/protocol/src/process/fold')
cpSync(join(root, 'packages/protocol'), join(place, 'packages/protocol'), { recursive: true })
symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'))

/** The test that fails, or undefined. */
function findKiller(): string | undefined {
  return tests.find((name) => {
    const { status } = spawnSync(process.execPath, [join(fold, `${name}.test.ts`)], { timeout })
    return status !== 0
  })
}

try {
  const broken = findKiller()
  if (broken !== undefined) throw new Error(`${broken} fails without any mutant`)
  const wanted = process.argv[2] ?? ''
  const planted = mutants.filter(({ mistake }) => mistake.includes(wanted))
  let alive = 0
  for (const { file, find, replace, mistake } of planted) {
    const path = join(fold, file)
    const source = readFileSync(path, 'utf8')
    writeFileSync(
      path,
      source.replace(find, () => replace),
    )
    const killer = findKiller()
    writeFileSync(path, source)
    if (killer === undefined) alive++
    process.stdout.write(`${(killer ?? 'ALIVE').padEnd(18)} ${file}: ${mistake}\n`)
  }
  process.stdout.write(`${planted.length} mutants, ${alive} alive\n`)
  process.exitCode = alive === 0 ? 0 : 1
} finally {
  rmSync(place, { recursive: true })
}
