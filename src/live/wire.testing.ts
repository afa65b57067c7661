/**
 * Test support, a program of its own in namespaces that end with it (namespaces of network, mounts and
 * processes, made by the test): iperf3 sends from one network namespace through this one to a third, and a
 * relay behind a TUN device is the wire between them. The kernel cuts joined packets to segments for it; it
 * holds back every SWAP-th packet for the one behind it, drops every DROP-th one, and prints what it wrote as
 * JSON. tcpdump records whole packets at the sender, as they leave TCP, and at the receiver.
 *
 * Arguments: folder for sent.pcap and received.pcap, words for iperf3's client, GRO at the receiver (on or
 * off), SWAP, DROP (0: never).
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { closeTun, openTun, TunQueue } from './device/tun.ts'

/** What went over the wire from the client to the server. */
export interface Wire {
  /** Of each packet that was written, in this order: its flow, and its number as it was read. */
  readonly written: readonly (readonly [flow: string, number: number])[]
  readonly dropped: number
}

const [, , folder, words, gro, swapEvery, dropEvery] = process.argv
const CAPTURED_MAX = 20_000
const STRIDE_BYTES = 2048
/** GRO waits for so long for the segments behind one: they come in system calls of their own. */
const HELD_NS = 1_000_000
/** A packet that nothing follows isn't held for longer. */
const HELD_MS_MAX = 5
const PCAP_HEADER_BYTES = 24
const WAIT_MS = 10
/** tcpdump sees packets a second late, and later on a busy machine. */
const RECORDED_MS = 2000

const run = (line: string) => execFileSync('sh', ['-ec', line], { stdio: ['ignore', 'ignore', 'inherit'] })
const start = (command: string) => {
  const [file, ...rest] = command.split(' ')
  return spawn(file!, rest, { stdio: ['ignore', 'ignore', 'pipe'] })
}

run(`
  mount -t tmpfs none /run
  ip netns add client
  ip netns add server
  ip link add name vC type veth peer name vA netns client
  ip link add name vS type veth peer name vB netns server
  for in in "" "ip netns exec client" "ip netns exec server"; do
    $in sh -c 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; ip link set lo up'
  done
  ip address add 10.1.0.1/24 dev vC
  ip address add 10.2.0.1/24 dev vS
  ip -n client address add 10.1.0.2/24 dev vA
  ip -n server address add 10.2.0.2/24 dev vB
  ip link set vC up
  ip link set vS up
  ip -n client link set vA up
  ip -n server link set vB up
  ip -n client route add default via 10.1.0.1
  ip -n server route add default via 10.2.0.1
  ip netns exec client ethtool -K vA tso on gso on
  # Linux's veth lets GRO see only what comes from an end without TSO.
  ethtool -K vS tso off
  ip netns exec server sh -ec 'ethtool -K vB gro ${gro}; echo ${HELD_NS} > /sys/class/net/vB/gro_flush_timeout
    echo 1 > /sys/class/net/vB/napi_defer_hard_irqs'
  echo 1 > /proc/sys/net/ipv4/ip_forward
`)
const device = openTun('wire%d', { mtuBytes: 1500, queueLengthPackets: 10_000, queues: 1 })
run(`
  for one in all ${device.name}; do echo 0 > /proc/sys/net/ipv4/conf/$one/rp_filter; done
  echo 1 > /proc/sys/net/ipv4/conf/${device.name}/forwarding
  ip route add default dev ${device.name} table 100
  ip rule add iif vC lookup 100
`)

const queue = new TunQueue(device.fds[0]!)
const written: [string, number][] = []
const bytes = Buffer.alloc(STRIDE_BYTES)
let held: { readonly packet: Buffer; readonly number: number; readonly sinceMs: number } | undefined
let number = 0
let dropped = 0

/** Addresses, protocol and ports. */
function flowOf(packet: Buffer): string {
  const transportAt = (packet[0]! & 15) * 4
  const ports = packet.subarray(transportAt, transportAt + 4)
  return `${packet.toString('hex', 12, 20)} ${packet[9]} ${ports.toString('hex')}`
}

function write(packet: Buffer, numberAsRead: number): void {
  const errno = queue.write(packet, 0, packet.length)
  if (errno !== 0) throw new Error(`writing to the TUN device: errno ${errno}`)
  written.push([flowOf(packet), numberAsRead])
}

function release(): void {
  if (held === undefined) return
  write(held.packet, held.number)
  held = undefined
}

/** Hands on what has come, or waits for a millisecond. */
function relay(): void {
  for (;;) {
    const lengthBytes = queue.read(bytes, 0, STRIDE_BYTES)
    if (lengthBytes === 0) break
    const packet = Buffer.from(bytes.subarray(0, lengthBytes))
    const mine = number++
    if (Number(dropEvery) > 0 && mine % Number(dropEvery) === Number(dropEvery) - 1) dropped++
    else if (held === undefined && mine % Number(swapEvery) === 0)
      held = { packet, number: mine, sinceMs: performance.now() }
    else {
      write(packet, mine)
      release()
    }
  }
  if (held !== undefined && performance.now() - held.sinceMs > HELD_MS_MAX) release()
  queue.wait(1)
}

/** Resolves when the program has said that it is ready. */
async function ready(file: string): Promise<void> {
  while (!existsSync(file) || statSync(file).size < PCAP_HEADER_BYTES) await setTimeout(WAIT_MS)
}

async function record(namespace: string, link: string, file: string): Promise<ChildProcess> {
  const options = `-i ${link} -s 0 -U -B 32768 -c ${CAPTURED_MAX} -Z root -w ${file} ip`
  const recorder = start(`ip netns exec ${namespace} tcpdump ${options}`)
  await ready(file)
  return recorder
}

/** Ends it, and throws where the kernel dropped packets before it could read them. */
async function finish(recorder: ChildProcess): Promise<void> {
  let said = ''
  recorder.stderr!.on('data', (text) => {
    said += text
  })
  const isOver = once(recorder, 'close')
  recorder.kill('SIGINT')
  await isOver
  if (!/\b0 packets dropped by kernel/.test(said)) throw new Error(said)
}

const recorders = [
  await record('client', 'vA', `${folder}/sent.pcap`),
  await record('server', 'vB', `${folder}/received.pcap`),
]
const server = start('ip netns exec server iperf3 --server --one-off')
run('until ip netns exec server ss -Hltn | grep -q :5201; do sleep 0.01; done')
const client = start(`ip netns exec client iperf3 --client 10.2.0.2 ${words}`)
while (client.exitCode === null && client.signalCode === null) {
  relay()
  await setImmediate()
}
// The kernel goes on for a program that has ended; what it sends from now on isn't to be recorded.
run('ip -n client route add blackhole 10.2.0.0/24')
const endMs = performance.now() + RECORDED_MS
while (performance.now() < endMs) relay()
for (const recorder of recorders) await finish(recorder)
server.kill('SIGKILL')
closeTun(device)
if (client.exitCode !== 0) throw new Error(`iperf3 ended with ${client.exitCode}`)
process.stdout.write(JSON.stringify({ written, dropped } satisfies Wire))
