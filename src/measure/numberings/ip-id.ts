/**
 * IPv4's identification where the sender counts it up, per flow or, as many systems do, per pair of addresses
 * and protocol. 16 bits that wrap. RFC 6864 lets a sender write anything into packets that can't be
 * fragmented, most write 0, and other packets of the sender may use up numbers: so it is believed only where
 * most numbers are there. TCP sends again with a new number, so nothing is said of TCP's own rules.
 */
import { TCP } from '../../model/packets/flow-table.ts'
import { ASIDE, addressesOf, NONE, NUMBERED, type NumberKind, OTHER_PROTOCOL, usual } from './kind.ts'

const DONT_FRAGMENT = 0x4000
/** As in inspect/id-order.ts. */
const STEP_MAX = 16

const byFlow: NumberKind = {
  ...usual,
  name: 'ip-id',
  says: "IPv4's identification",
  protocols: undefined,
  bits: 16,
  nearBack: STEP_MAX * 64,
  nearAhead: STEP_MAX,
  farPackets: undefined,
  upMin: 0.6,
  stepsMin: 9,
  densityMin: 0.75,
  read({ view, start, headers }, into) {
    if (headers.version !== 4) return NONE
    const id = view.getUint16(start + 4)
    if (id === 0 && (view.getUint16(start + 6) & DONT_FRAGMENT) !== 0) return ASIDE
    into.part = 0
    into.number = id
    return NUMBERED
  },
  describe: (flows, flow) => flows.describe(flow),
  protocolOf: ({ protocol }, flow) => (protocol[flow] === TCP ? OTHER_PROTOCOL : protocol[flow]),
}

export const ipIdByFlow = byFlow
export const ipIdByAddresses: NumberKind = {
  ...byFlow,
  group: ({ tripleIndex }, flow) => String(tripleIndex[flow]),
  describe: (flows, flow) => `${addressesOf(flows, flow)}/${flows.describe(flow).replace(/^.*\//, '')}`,
}
