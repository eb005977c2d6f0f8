import type { Migration } from '../migrate.ts'
import { initial } from './0001-initial.ts'
import { namespaces } from './0002-namespaces.ts'
import { processes } from './0003-processes.ts'
import { tasks } from './0004-tasks.ts'
import { processWork } from './0005-process-work.ts'

/** Every step of the schema, oldest first. */
export const migrations: readonly Migration[] = [initial, namespaces, processes, tasks, processWork]
