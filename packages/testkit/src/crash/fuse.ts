import type { Place, Point } from './points.ts'

/** Ends this process, as a power cut would, at a chosen passage of a chosen point. */
export interface Fuse {
  /** The `count`th passage from now on is the last. */
  arm(point: Point, count: number): void
  pass(point: Point): void
  /** Does `work` between the two points of a place. */
  around<T>(place: Place, work: () => Promise<T>): Promise<T>
}

export function createFuse(kill: () => void): Fuse {
  let armed: { readonly point: Point; left: number } | undefined
  const pass = (point: Point): void => {
    if (armed?.point !== point) return
    armed.left -= 1
    if (armed.left === 0) kill()
  }
  return {
    arm(point, count) {
      armed = { point, left: count }
    },
    pass,
    async around(place, work) {
      pass(`${place}:before`)
      const result = await work()
      pass(`${place}:after`)
      return result
    },
  }
}
