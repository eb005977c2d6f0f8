import { after } from 'node:test'
import { startPostgres } from '../../node/src/store/testing.ts'
import { crashSuite } from '../src/crash/crash-suite.ts'

const postgres = await startPostgres()
after(() => postgres.stop())
crashSuite('a node on Postgres is killed wherever it writes, and goes on', {
  async databaseUrl(party) {
    await postgres.createDatabase(party)
    return postgres.urlOf(party)
  },
})
