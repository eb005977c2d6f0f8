import { parseArgs } from 'node:util'
import type { Logger } from '../packages/node/src/lib/logger.ts'
import { runSeed } from '../packages/testkit/src/simulation/run-seed.ts'

// npm run simulate -- [--seeds N] [--seed K] [--trace]: runs N seeds from K on, and prints what went wrong with which.

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
    log: { type: 'boolean', default: false },
  },
})

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const logger = (party: object): Logger => {
  const write =
    (level: string) =>
    (facts: object, message: string): void =>
      print(`${level} ${Object.values(party).join()} ${message} ${describe(facts)}`)
  return {
    debug: () => {},
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (facts) => logger({ ...party, ...facts }),
  }
}
const describe = (facts: object): string =>
  Object.values(facts)
    .map((fact) => (fact instanceof Error ? fact.stack : JSON.stringify(fact)))
    .join(' ')

const first = Number(values.seed)
const failed: number[] = []
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  const started = process.hrtime.bigint()
  const result = await runSeed(seed, {
    keepLines: values.trace,
    ...(values.log && { log: logger({}) }),
  })
  const ms = Number((process.hrtime.bigint() - started) / 1_000_000n)
  if (values.trace) for (const line of result.lines) print(line)
  print(
    `seed ${seed} ${result.digest.slice(0, 12)} ${result.messages} messages, ` +
      `${result.virtualMs / 1000} s in ${ms} ms${result.faults.length > 0 ? ' FAILED' : ''}`,
  )
  for (const fault of result.faults) print(`  ${fault}`)
  if (result.faults.length > 0) {
    print(`  ${JSON.stringify(result.conditions)}`)
    failed.push(seed)
  }
}
if (failed.length > 0) {
  print(`failed: ${failed.join(', ')}`)
  process.exitCode = 1
}
