import type { ServerResponse } from 'node:http'
import { NodeError } from '@concordat/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'

export interface LoadLimits {
  /** Requests open at once. */
  readonly maxOpen: number
  /** Bytes of announced bodies open at once; uploads of files, which are streamed, don't count. */
  readonly maxBytes: number
}

/** How much is under way. What would be too much is refused at the door. */
export interface Load {
  /** Counts a request until its connection or its reply is done. Throws CC20501 when there is no room. */
  enter(request: FastifyRequest, reply: FastifyReply): void
  readonly open: number
}

export function createLoad({ maxOpen, maxBytes }: LoadLimits): Load {
  const sizes = new WeakMap<ServerResponse, number>()
  let open = 0
  let bytes = 0
  const leave = function (this: ServerResponse): void {
    open--
    bytes -= sizes.get(this) ?? 0
  }
  return {
    enter({ headers }, { raw }) {
      const size = headers['content-type']?.startsWith('multipart/')
        ? 0
        : Number(headers['content-length'] ?? 0)
      if (open >= maxOpen || (open > 0 && bytes + size > maxBytes)) throw new NodeError('CC20501')
      open++
      if (size > 0) {
        bytes += size
        sizes.set(raw, size)
      }
      raw.once('close', leave)
    },
    get open() {
      return open
    },
  }
}
