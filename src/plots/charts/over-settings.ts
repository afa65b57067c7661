/** Reordering over what is scanned most: offered load, lanes (threads), jitter; and over anything else. */
import { type ScanLinesSettings, scanLines } from './scan-lines.ts'

const isLoad = (path: string) => /(^|\.)(packetsPerSecond|speed)$/.test(path) && path.startsWith('source')
const isThreads = (path: string) => path === 'lanes.count' || path === 'lanes.cores'
const isJitter = (path: string) => /jitter/i.test(path)

const KINDS: readonly ScanLinesSettings[] = [
  {
    name: 'reorder-over-load',
    summary: 'reordered packets over the offered load of a scan',
    title: 'Reordered packets over load',
    matches: isLoad,
    axisTitle: 'offered load',
    unit: 'packets/s',
    example: '-P source.packetsPerSecond=10000:100000:10000',
  },
  {
    name: 'reorder-over-threads',
    summary: 'reordered packets over the number of lanes (threads) of a scan',
    title: 'Reordered packets over threads',
    matches: isThreads,
    axisTitle: 'threads',
    unit: 'lanes',
    example: '-L lanes.count=1,2,4,8',
  },
  {
    name: 'reorder-over-jitter',
    summary: 'reordered packets over the jitter of a scan',
    title: 'Reordered packets over jitter',
    matches: isJitter,
    example: '-P lanes.service.jitter.lognormal.median=1us:100us:log:9',
  },
  {
    name: 'reorder-over-setting',
    summary: 'reordered packets over any other setting of a scan',
    title: 'Reordered packets over a setting',
    matches: (path) => !isLoad(path) && !isThreads(path) && !isJitter(path),
    example: '-L policies.0.ttl=1ms,10ms,100ms',
  },
]

export const overSettings = KINDS.map(scanLines)
