import type { Definition } from '@concordat/protocol/process'
import type { ExportDeps, ExportWish } from './export-steps.ts'
import { WHOLE_COLUMNS } from './step-text.ts'

/** Columns of what a step was given and gave: one for each part if one step of one definition is wanted, else one for all. */
export async function columnsOf(
  { database, namespace }: ExportDeps,
  { flow, steps: [step, ...more] }: Pick<ExportWish, 'flow' | 'steps'>,
): Promise<readonly string[]> {
  if (flow === undefined || step === undefined || more.length > 0) return WHOLE_COLUMNS
  const [name = '', version] = flow.split('@')
  const rows = await database.read
    .selectFrom('flows')
    .select('document')
    .where('namespace', '=', namespace)
    .where('outcome', '=', 'loaded')
    .where((eb) => eb.or([eb('hash', '=', flow), eb('name', '=', name)]))
    .$if(version !== undefined, (query) =>
      query.where((eb) =>
        eb.or([eb('version', '=', version ?? ''), eb('version', 'like', `${version}.%`)]),
      ),
    )
    .orderBy('seq')
    .execute()
  const columns = new Set<string>()
  for (const { document } of rows) {
    const { steps }: Definition = JSON.parse(document)
    const definition = Object.hasOwn(steps, step) ? steps[step] : undefined
    const { input = {}, output = {} } = definition ?? {}
    const properties = typeof input === 'object' ? (input.properties ?? {}) : {}
    for (const part of Object.keys(properties)) columns.add(`input.${part}`)
    for (const part of Object.keys(output)) columns.add(`output.${part}`)
  }
  return columns.size === 0 ? WHOLE_COLUMNS : [...columns]
}
