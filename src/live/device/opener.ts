/**
 * What of a replay needs rights over the network: making a TUN device and opening packet sockets. Everything
 * else works on descriptors, so it may be done by another user than opens them (device-server.ts).
 */
import { openPacketSocket } from './packet-socket.ts'
import { openTun, type TunDevice, type TunSettings } from './tun.ts'

export interface DeviceOpener {
  /** Makes a TUN device, up, with a name of the kernel's choice. @throws UserError as openTun() does */
  tun(settings: TunSettings): TunDevice
  /** @returns a descriptor. @throws UserError as openPacketSocket() does, whose parameter it is */
  packetSocket(receiveBufferBytes: number): number
}

const NAME_PATTERN = 'lanewise%d'

/** This process, in the network namespace in which it is. */
export const openHere: DeviceOpener = {
  tun: (settings) => openTun(NAME_PATTERN, settings),
  packetSocket: openPacketSocket,
}
