import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { apiPage } from './docs/api.ts'
import { cliReference } from './docs/cli.ts'
import { configPage } from './docs/config.ts'
import { errorsPage } from './docs/errors.ts'
import { eventsPage } from './docs/events.ts'
import { definitionFaultsPage, definitionSchemaFile } from './docs/process.ts'

// npm run docs [-- --check]: writes docs/reference/ from the sources, or says what is out of date.

const pages: Readonly<Record<string, () => string>> = {
  'api.md': apiPage,
  'cli.md': cliReference,
  'config.md': configPage,
  'errors.md': errorsPage,
  'definition-faults.md': definitionFaultsPage,
  'events.md': eventsPage,
  'flow-1.schema.json': definitionSchemaFile,
}

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs', 'reference')
const check = process.argv.includes('--check')

function current(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

mkdirSync(folder, { recursive: true })
for (const [name, render] of Object.entries(pages)) {
  const file = join(folder, name)
  const text = `${render().trimEnd()}\n`
  if (!check) writeFileSync(file, text)
  else if (current(file) !== text) {
    process.stderr.write(`${file} is out of date: npm run docs\n`)
    process.exitCode = 1
  }
}
