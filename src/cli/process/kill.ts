/** Ends a process by SIGKILL, and all that it has started and that is still below it (Linux: proc(5)). */
import { readdirSync, readFileSync } from 'node:fs'
import process from 'node:process'

/** Does nothing to a process that is gone. */
export function killWithDescendants(pid: number): void {
  const all = [pid, ...descendantsOf(pid)]
  for (const one of all) {
    try {
      process.kill(one, 'SIGKILL')
    } catch {
      // It has ended.
    }
  }
}

/** Found before the first is killed: then they are nobody's. */
function descendantsOf(pid: number): number[] {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      (readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').match(/\d+/g) ?? []).map(Number),
    )
    return children.flatMap((child) => [child, ...descendantsOf(child)])
  } catch {
    // It has ended, or this system doesn't tell.
    return []
  }
}
