import { crashSuite } from '../src/crash/crash-suite.ts'
import { isCommit, places } from '../src/crash/points.ts'

crashSuite('a node on SQLite is killed wherever it calls or answers, and goes on', {
  places: places.filter((place) => !isCommit(place)),
})
