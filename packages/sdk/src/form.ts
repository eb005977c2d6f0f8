/** What goes with a blob. */
export interface UploadFields {
  readonly filename?: string
  readonly validator?: string
  readonly datatype?: { readonly name?: string; readonly version?: string }
  /** Any JSON: the value of the piece of data that carries the blob. */
  readonly metadata?: unknown
  /** The node puts name, type and size of the file in the value. */
  readonly autometa?: boolean
}

/** The form the node reads: fields first, then the file. */
export function toForm(file: Blob, fields: UploadFields): FormData {
  const form = new FormData()
  const { filename = 'blob', validator, datatype, metadata, autometa } = fields
  if (validator !== undefined) form.set('validator', validator)
  if (datatype?.name !== undefined) form.set('datatype.name', datatype.name)
  if (datatype?.version !== undefined) form.set('datatype.version', datatype.version)
  if (metadata !== undefined) form.set('metadata', JSON.stringify(metadata))
  if (autometa) form.set('autometa', 'true')
  form.set('file', file, filename)
  return form
}
