import { globSync } from 'node:fs'
import { dirname } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'

// npm test [-- <part of a path> …]: all tests, or those of matching files; the quick ones first.

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const concurrency = 2
/** Of one file, in milliseconds. */
const timeout = 300_000

const isIntegration = (file: string): boolean => file.includes('.integration.')

function findFiles(filters: readonly string[]): string[] {
  const all = globSync('packages/*/{src,test}/**/*.test.ts', { cwd: root }).sort()
  const wanted = all.filter(
    (file) => filters.length === 0 || filters.some((filter) => file.includes(filter)),
  )
  return [...wanted.filter((file) => !isIntegration(file)), ...wanted.filter(isIntegration)]
}

const files = findFiles(process.argv.slice(2))
if (files.length === 0) {
  process.stderr.write('No test file matches\n')
  process.exitCode = 1
} else {
  const stream = run({ files, cwd: root, concurrency, timeout })
  stream.on('test:fail', () => {
    process.exitCode = 1
  })
  stream.compose(new spec()).pipe(process.stdout)
}
