import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Logger } from '../packages/node/src/lib/logger.ts'
import { runSeed } from '../packages/testkit/src/simulation/run-seed.ts'

// npm run simulate -- [--seeds N] [--seed K] [--jobs J] [--failures] [--trace] [--log] [--keep] [--first-failure]
// Runs N seeds from K on (or until one fails), in J processes, and says what went wrong with which (--failures: nothing of the
// others); --keep adds those to the seeds that are tested each time.

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    failures: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    log: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    'first-failure': { type: 'boolean', default: false },
  },
})

const keptFile = fileURLToPath(
  new URL('../packages/testkit/src/simulation/seeds.json', import.meta.url),
)

const print = (line: string): void => void process.stdout.write(`${line}\n`)

const describe = (facts: object): string =>
  Object.values(facts)
    .map((fact) => (fact instanceof Error ? fact.stack : JSON.stringify(fact)))
    .join(' ')

function createLogger(of: readonly unknown[]): Logger {
  const write =
    (level: string) =>
    (facts: object, message: string): void =>
      print(`${level} ${of.join()} ${message} ${describe(facts)}`)
  return {
    debug: () => {},
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (facts) => createLogger([...of, ...Object.values(facts)]),
  }
}

async function run(seed: number): Promise<readonly string[]> {
  const started = process.hrtime.bigint()
  const { lines, digest, messages, virtualMs, faults, conditions } = await runSeed(seed, {
    keepLines: values.trace,
    ...(values.log && { log: createLogger([]) }),
  })
  const ms = Number((process.hrtime.bigint() - started) / 1_000_000n)
  for (const line of lines) print(line)
  if (values.failures && faults.length === 0) return faults
  const verdict = faults.length > 0 ? 'FAILED' : 'ok'
  const work = `${messages} messages, ${virtualMs / 1000} s in ${ms} ms`
  print(`seed ${seed} ${digest.slice(0, 12)} ${work} ${verdict}`)
  for (const fault of faults) print(`  ${fault}`)
  if (faults.length > 0) print(`  ${JSON.stringify(conditions)}`)
  return faults
}

function keep(seed: number, [found]: readonly string[]): void {
  const kept: { seed: number; found?: string | undefined }[] = JSON.parse(
    readFileSync(keptFile, 'utf8'),
  )
  if (kept.some((each) => each.seed === seed)) return
  const lines = [...kept, { seed, found }].map((each) => `  ${JSON.stringify(each)}`)
  writeFileSync(keptFile, `[\n${lines.join(',\n')}\n]\n`)
}

async function runAll(first: number, count: number): Promise<void> {
  const failed: number[] = []
  for (let seed = first; seed < first + count; seed++) {
    const faults = await run(seed)
    if (faults.length === 0) continue
    failed.push(seed)
    if (values.keep) keep(seed, faults)
    if (values['first-failure']) break
  }
  if (failed.length === 0) return
  print(`failed: ${failed.join(', ')}`)
  process.exitCode = 1
}

/** Each process runs a part of the seeds, one after the other. */
async function share(first: number, count: number, jobs: number): Promise<void> {
  if (values.keep) throw new Error('--keep writes one file: it goes with one job')
  const size = Math.ceil(count / jobs)
  const options = process.argv.slice(2)
  const program = fileURLToPath(import.meta.url)
  const runPart = async (begin: number): Promise<void> => {
    const part = Math.min(size, first + count - begin)
    const own = ['--seed', String(begin), '--seeds', String(part), '--jobs', '1']
    const child = spawn(process.execPath, [program, ...options, ...own], { stdio: 'inherit' })
    const [code] = await once(child, 'exit')
    if (code !== 0) process.exitCode = 1
  }
  const parts: Promise<void>[] = []
  for (let begin = first; begin < first + count; begin += size) parts.push(runPart(begin))
  await Promise.all(parts)
}

const [first, count, jobs] = [values.seed, values.seeds, values.jobs].map(Number)
if (!(first && count && jobs)) throw new Error('--seed, --seeds and --jobs are numbers from 1 on')
const began = performance.now()
if (jobs > 1) {
  await share(first, count, jobs)
  const verdict = process.exitCode ? 'some FAILED' : 'all alike at every party'
  print(`${count} seeds in ${Math.round((performance.now() - began) / 1000)} s: ${verdict}`)
} else await runAll(first, count)
