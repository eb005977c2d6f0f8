import { crashSuite } from '../src/crash/crash-suite.ts'

crashSuite('a node on SQLite is killed wherever it writes, and goes on', {})
