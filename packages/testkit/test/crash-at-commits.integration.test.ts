import { crashSuite } from '../src/crash/crash-suite.ts'
import { isCommit, places } from '../src/crash/points.ts'

crashSuite('a node on SQLite is killed wherever it commits, and goes on', {
  places: places.filter(isCommit),
})
