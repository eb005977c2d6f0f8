import { enableCompileCache } from 'node:module'

// node-process.ts CONFIG [--crash POINT:COUNT]: see crash-node.ts. What was compiled is kept, as it starts so often.
enableCompileCache()
const { runCrashNode } = await import('./crash-node.ts')
await runCrashNode(process.argv.slice(2))
