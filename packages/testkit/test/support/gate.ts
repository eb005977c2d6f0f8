import { connect, createServer, type Socket } from 'node:net'

/** A way to a port that can be shut: then calls are refused and open ones end. */
export interface Gate extends AsyncDisposable {
  readonly port: number
  /** Where it leads. */
  to: number
  shut(): Promise<void>
  open(): Promise<void>
}

export async function createGate(): Promise<Gate> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const other = connect(gate.to, '127.0.0.1')
    for (const [one, next] of [
      [socket, other],
      [other, socket],
    ] as const) {
      sockets.add(one)
      one.on('error', () => one.destroy())
      one.on('close', () => {
        sockets.delete(one)
        next.destroy()
      })
      one.pipe(next)
    }
  })
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => resolve())
    })
  await listen(0)
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const shut = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  const gate: Gate = {
    port,
    to: 0,
    shut,
    open: () => listen(port),
    [Symbol.asyncDispose]: shut,
  }
  return gate
}
