import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { entriesOf, type Manifest, shippedManifest } from './pack/manifest.ts'

// npm run pack [-- <folder>]: tarballs of the packages, as JavaScript with type declarations, into dist/ or the folder.

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const names = ['protocol', 'node', 'sdk', 'testkit', 'cli'] as const

/** What tsc has to begin at: all else is found from there. Workers are started by name, so nothing imports them. */
function sourcesOf(name: string): string[] {
  const folder = join(root, 'packages', name)
  const workers = globSync('src/**/*-worker.ts', { cwd: folder })
  return [...entriesOf(readManifest(name)), ...workers].map((file) => join(folder, file))
}

const readManifest = (name: string): Manifest =>
  JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))

/** One run for all packages, since their sources import each other. */
function compile(stage: string): void {
  const config = join(stage, 'tsconfig.json')
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    allowImportingTsExtensions: false,
    rewriteRelativeImportExtensions: true,
    rootDir: join(root, 'packages'),
    outDir: stage,
    typeRoots: [join(root, 'node_modules', '@types')],
  }
  const files = names.flatMap(sourcesOf)
  const text = { extends: join(root, 'tsconfig.json'), compilerOptions, files, include: [] }
  writeFileSync(config, JSON.stringify(text))
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  execFileSync(process.execPath, [tsc, '-p', config], { stdio: ['ignore', 'inherit', 'inherit'] })
}

/** What is packed, in a folder of its own: the package's sources are left as they are. */
function assemble(stage: string, name: string): string {
  const folder = join(stage, name)
  renameSync(join(folder, 'src'), join(folder, 'dist'))
  const manifest = JSON.stringify(shippedManifest(readManifest(name)), null, 2)
  writeFileSync(join(folder, 'package.json'), `${manifest}\n`)
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  copyFileSync(join(root, 'packages', name, 'README.md'), join(folder, 'README.md'))
  return folder
}

/** Makes the tarballs in `target`; their paths. */
export function pack(target: string): string[] {
  const stage = join(target, 'stage')
  rmSync(stage, { recursive: true, force: true })
  mkdirSync(stage, { recursive: true })
  compile(stage)
  const folders = names.map((name) => assemble(stage, name))
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', target, ...folders]
  const stdio = ['ignore', 'pipe', 'ignore'] as const
  const made: unknown = JSON.parse(execFileSync('npm', args, { stdio: [...stdio] }).toString())
  rmSync(stage, { recursive: true })
  const tarballs = fileNamesOf(made).map((name) => join(target, name))
  const missing = tarballs.find((file) => !existsSync(file))
  if (tarballs.length !== names.length || missing !== undefined)
    throw new Error(`npm pack did not make ${missing ?? 'every package'}`)
  return tarballs
}

/** npm lists what it packed in an array, or by name. */
function fileNamesOf(made: unknown): string[] {
  const list: unknown[] = typeof made === 'object' && made !== null ? Object.values(made) : []
  return list.flatMap((one) =>
    typeof one === 'object' && one !== null && 'filename' in one ? [String(one.filename)] : [],
  )
}

if (import.meta.main) {
  const target = resolve(process.argv[2] ?? join(root, 'dist'))
  for (const file of pack(target)) process.stdout.write(`${file}\n`)
}
