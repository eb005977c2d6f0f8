/** The parts of a package.json that packing looks at. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly description?: string
  readonly license: string
  readonly type: string
  readonly exports: Readonly<Record<string, string>>
  readonly imports?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly bin?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
}

/** Source files that others may load by name. */
export function entriesOf({ exports, imports = {}, bin = {} }: Manifest): string[] {
  const conditional = Object.values(imports).flatMap((targets) => Object.values(targets))
  return [...Object.values(exports), ...conditional, ...Object.values(bin)]
}

/** `./src/x.ts`, as it is called in the tarball. */
const toJs = (file: string): string => file.replace('./src/', './dist/').replace(/\.ts$/, '.js')
const toTypes = (file: string): string => toJs(file).replace(/\.js$/, '.d.ts')

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}

/** The package.json of the tarball: as the sources' own, with the compiled files in the places of the sources. */
export function shippedManifest(source: Manifest): object {
  const { name, version, description, license, type, exports, imports, bin, dependencies } = source
  return {
    name,
    version,
    ...(description !== undefined && { description }),
    license,
    type,
    engines: { node: '>=22' },
    files: ['dist'],
    exports: {
      ...mapValues(exports, (file) => ({ types: toTypes(file), default: toJs(file) })),
      './package.json': './package.json',
    },
    ...(imports && { imports: mapValues(imports, (targets) => mapValues(targets, toJs)) }),
    ...(bin && { bin: mapValues(bin, toJs) }),
    ...(dependencies && { dependencies }),
  }
}
