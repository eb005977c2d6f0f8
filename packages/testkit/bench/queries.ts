import { setTimeout } from 'node:timers/promises'
import { Pool } from 'undici'

// Asks a node the same questions again and again, from a process of its own, until told to stop; then says how long each took.

const [url = '', ...paths] = process.argv.slice(2)
const pool = new Pool(url, { connections: 2, pipelining: 1 })
const took: number[] = []
let isRunning = true
process.on('message', () => {
  isRunning = false
})
for (let i = 0; isRunning; i++) {
  const began = performance.now()
  const answer = await pool.request({ method: 'GET', path: `/api/v1/${paths[i % paths.length]}` })
  await answer.body.text()
  if (answer.statusCode !== 200) throw new Error(`${paths[i % paths.length]}: ${answer.statusCode}`)
  took.push(performance.now() - began)
  await setTimeout(20)
}
await pool.close()
process.send?.(took)
process.disconnect?.()
