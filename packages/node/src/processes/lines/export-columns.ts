import type { Definition } from '@concordat/protocol/process'
import type { ExportDeps, ExportWish } from './export-steps.ts'

const WHOLE = ['input', 'output']

/** Columns of what a step was given and gave: one for each part if one step of one definition is wanted, else one for all. */
export async function columnsOf(
  { database, namespace }: ExportDeps,
  { flow, step }: Pick<ExportWish, 'flow' | 'step'>,
): Promise<readonly string[]> {
  if (flow === undefined || step === undefined) return WHOLE
  const [name = '', version] = flow.split('@')
  const rows = await database.read
    .selectFrom('flows')
    .select('document')
    .where('namespace', '=', namespace)
    .where('outcome', '=', 'loaded')
    .where((eb) => eb.or([eb('hash', '=', flow), eb('name', '=', name)]))
    .$if(version !== undefined, (query) => query.where('version', '=', version ?? ''))
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
  return columns.size === 0 ? WHOLE : [...columns]
}
