/**
 * When runs may look ahead: where nothing but lanes takes time, a packet's way is known as soon as it has its
 * lane. The one place that says so.
 */
import { isTransparent } from '../machine/link.ts'
import type { PipelineSettings } from '../pipeline-settings.ts'
import type { DispatchPolicy } from '../policy.ts'

/** With more lanes the general path's tree finds the next event sooner than a look at each. */
const LANES_MAX = 32

/**
 * @param takeBlocks do observers take what happened block by block? Else somebody has to see all of it in
 * order of time
 */
export function lookaheadApplies(
  settings: PipelineSettings,
  policy: DispatchPolicy,
  takeBlocks: boolean,
): boolean {
  const { reader, lanes, link, release, returnLane } = settings
  const readsAtOnce = reader.perPacketNs === 0 && reader.perPassNs === 0 && reader.stage === undefined
  const seesNow = (reader.feedbackDelayNs ?? 0) === 0
  const haveCores = lanes.cores === undefined && settings.cores === undefined
  const isIdleWhenDone = lanes.idleWriteNs === undefined
  const lanesNeverRest = lanes.stalls === undefined && haveCores && lanes.count <= LANES_MAX
  const nothingBehindLanes = isTransparent(link) && release === undefined && settings.receiver === undefined
  return (
    takeBlocks &&
    readsAtOnce &&
    seesNow &&
    lanesNeverRest &&
    isIdleWhenDone &&
    nothingBehindLanes &&
    returnLane === undefined &&
    policy.nextTimerNs === undefined
  )
}
