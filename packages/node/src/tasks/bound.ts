import type { Bindings, FlowBinding } from '../config/bindings.ts'
import type { TaskRow } from '../store/task-schema.ts'

/** What is bound to a definition, by its most exact binding. */
export const bindingOf = (
  { flows }: Bindings,
  { name, version }: Pick<TaskRow, 'name' | 'version'>,
): FlowBinding | undefined =>
  flows.find(
    (flow) =>
      flow.name === name &&
      (flow.version === '' || flow.version === version || version.startsWith(`${flow.version}.`)),
  )

/** Whether a person is among those whom a task is for. */
export const mayWork = (
  { groups }: Bindings,
  { groupName }: Pick<TaskRow, 'groupName'>,
  person: string,
): boolean => groupName === null || groups.get(groupName)?.has(person) === true

/** The groups that a person is in. */
export const groupsOf = ({ groups }: Bindings, person: string): readonly string[] =>
  [...groups].flatMap(([group, people]) => (people.has(person) ? [group] : []))
