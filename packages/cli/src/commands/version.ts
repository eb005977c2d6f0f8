import { readFileSync } from 'node:fs'
import { defineCommand } from '../command.ts'

export const version = defineCommand({
  name: 'version',
  summary: 'Print the version',
  options: {},
  async run(_, { print }) {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
    const found = /"version": "([^"]+)"/.exec(text)?.[1]
    print(`concordat ${found ?? 'of unknown version'} on Node ${process.versions.node}`)
    return 0
  },
})
