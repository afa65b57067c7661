/**
 * Who used the cores: all programs together, and the host (/proc/stat); how long some program waited for a
 * core (/proc/pressure/cpu); and how long one thread did (schedstat). Read from files, at the start and the
 * end. Source: proc(5); Documentation/accounting/psi.rst and Documentation/scheduler/sched-stats.rst of the
 * kernel.
 */
import { readFileSync } from 'node:fs'

/** USER_HZ, the unit of /proc/stat: 100 on every Linux that Node runs on. */
const NS_PER_TICK = 1e7

/** Since boot, of all cores together, ns; NaN where the system doesn't tell. */
export interface CpuUse {
  /** Time that cores ran something, interrupts too. */
  readonly busyNs: number
  /** Time that cores wanted to run and the host ran something else; 0 where there is no such figure. */
  readonly stealNs: number
  /** Time during which at least one thread of the machine waited for a core; one clock, not one per core. */
  readonly pressureNs: number
}

export function cpuUse(): CpuUse {
  return { ...parseStat(textOf('/proc/stat')), pressureNs: parsePressure(textOf('/proc/pressure/cpu')) }
}

/** What passed between two readings. */
export function cpuUseSince(before: CpuUse, now: CpuUse = cpuUse()): CpuUse {
  return {
    busyNs: now.busyNs - before.busyNs,
    stealNs: now.stealNs - before.stealNs,
    pressureNs: now.pressureNs - before.pressureNs,
  }
}

/** What this system doesn't tell, in words; none: it tells everything. */
export function untoldUse(): string[] {
  const { busyNs, pressureNs } = cpuUse()
  const figures: ReadonlyArray<readonly [number, string]> = [
    [busyNs, 'what other programs use (/proc/stat)'],
    [runQueueWaitNs(), 'how long threads wait for a core (/proc/thread-self/schedstat)'],
    [pressureNs, 'how long any program does (/proc/pressure/cpu)'],
  ]
  return figures.filter(([ns]) => Number.isNaN(ns)).map(([, what]) => what)
}

/** The line "cpu" of /proc/stat. Guests are in `user` already, and idle is also who waits for a disk. */
export function parseStat(text: string): Pick<CpuUse, 'busyNs' | 'stealNs'> {
  const [user, nice, system, , , irq, softirq, steal] =
    /^cpu +(.*)$/m
      .exec(text)?.[1]
      ?.split(/\s+/)
      .map((ticks) => Number(ticks) * NS_PER_TICK) ?? []
  return { busyNs: user! + nice! + system! + irq! + softirq!, stealNs: steal ?? 0 }
}

/** The total of the line "some", which is in us. */
export function parsePressure(text: string): number {
  return Number(/^some .*\btotal=(\d+)/m.exec(text)?.[1] ?? Number.NaN) * 1e3
}

/** How long the calling thread has waited for a core so far, ns; NaN where the kernel doesn't count. */
export function runQueueWaitNs(): number {
  return parseSchedstat(textOf('/proc/thread-self/schedstat'))
}

/** The second figure; a thread that was never on a core is one of a kernel that doesn't count. */
export function parseSchedstat(text: string): number {
  const [, waitNs, timeslices] = text.split(' ').map(Number)
  return timeslices! > 0 ? waitNs! : Number.NaN
}

/** Empty where it can't be read: another system, an older kernel, a container that hides it. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}
