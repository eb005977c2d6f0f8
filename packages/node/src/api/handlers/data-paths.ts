import type { Namespace } from '../../namespace.ts'

/** The folders right below a blob path: every `/a/b/c` below `/a` gives `/a/b`, once, in order. */
export async function listSubPaths(
  { database, name }: Namespace,
  parent: string,
): Promise<string[]> {
  const prefix = `/${parent.replace(/^\/+|\/+$/g, '')}/`.replace('//', '/')
  const rows = await database.read
    .selectFrom('data')
    .select('blobPath')
    .distinct()
    .where('namespace', '=', name)
    .where('blobPath', 'is not', null)
    // All that begins with the prefix: '0' comes right after '/'.
    .where('blobPath', '>=', prefix)
    .where('blobPath', '<', `${prefix.slice(0, -1)}0`)
    .execute()
  const below = rows.map(
    ({ blobPath }) => (blobPath ?? '').slice(prefix.length).split('/')[0] ?? '',
  )
  return [...new Set(below.filter((folder) => folder !== ''))]
    .sort()
    .map((folder) => prefix + folder)
}
