import { after } from 'node:test'
import { startPostgres } from '../../node/src/store/testing.ts'
import { crashSuite } from '../src/crash/crash-suite.ts'
import { places } from '../src/crash/points.ts'

const postgres = await startPostgres()
after(() => postgres.stop())
crashSuite('a node on Postgres is killed, and goes on', {
  // Those with a meaning of their own: with the other files, each is passed twice.
  places: ['reply', 'commit-decided', 'send-batch', 'submit', 'receipt', 'page', 'event'],
  allPlaces: places,
  async databaseUrl(party) {
    await postgres.createDatabase(party)
    return postgres.urlOf(party)
  },
})
