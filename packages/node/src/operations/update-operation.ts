import { NodeError, type Operation } from '@concordat/protocol'
import type { World } from '../lib/world.ts'
import type { Namespace } from '../namespace.ts'
import { getOperation } from '../store/tables/operations.ts'
import { createOperations, type OperationUpdate } from './operations.ts'

/** Writes what an administrator says has become of an operation. A final status stays, but a failed one may still succeed. */
export async function updateOperation(
  { database, name }: Pick<Namespace, 'database' | 'name'>,
  world: World,
  update: OperationUpdate,
): Promise<Operation> {
  await database.transaction((tx) => createOperations(name, world).update(tx, [update]))
  const operation = await getOperation(database.read, name, update.id)
  if (!operation) throw new NodeError('FF10143', { what: update.id })
  return operation
}
