#!/usr/bin/env bash
# Records the captures of this folder: real programs talk inside two private network namespaces that
# this script makes, and tcpdump listens on the client's end of the veth pair between them, where the
# client's TUN device would be (whole packets of at most 1500 bytes, both directions, offloads off).
# Nothing leaves the two namespaces: they have no other interface, no default route and no uplink.
# Traffic is bounded in seconds, bytes and packets. Namespaces and processes go away however the run
# ends, except by SIGKILL (README.md says what to do then).
#
#   record.sh [--out DIR] [office | voice | ten-net]...     default: all three, written beside this script
#
# stdout: the measured table rows (Markdown); stderr: progress.
set -euo pipefail

readonly PACKAGES='iproute2 ethtool tcpdump iperf3 curl dnsmasq-base bind9-dnsutils iputils-ping python3-minimal gzip'
readonly TOOLS='ip ethtool tcpdump iperf3 curl dnsmasq dig ping python3 gzip timeout'

# Limits that hold whatever the programs below do.
readonly LIMIT_SECONDS=45           # no process of a recording lives longer
readonly LIMIT_PACKETS=60000        # tcpdump stops here
readonly SNAP_BYTES=96              # Ethernet 14 + IPv4 20 + TCP with all options 60, or IPv6 40 + TCP 42

# A TUN device sees no ARP, no neighbour discovery and none of the multicast that an Ethernet link makes.
readonly FILTER='ip or (ip6 and not ip6 multicast and not (ip6[6] == 58 and ip6[40] >= 133 and ip6[40] <= 137))'

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
client="lanewise-$$-client"
server="lanewise-$$-server"
scratch=''
made=()                             # namespaces that this run has made
traffic=()                          # pids of the traffic of the current capture

say() { printf 'record.sh: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# ---------------------------------------------------------------- namespaces

# Ends the processes in one namespace, by pid; only this run's programs can be in there.
end_processes_in() {
  local signal pids
  for signal in TERM KILL; do
    pids=$(ip netns pids "$1" 2>/dev/null | tr '\n' ' ') || true
    [[ -n ${pids// /} ]] || return 0
    # shellcheck disable=SC2086  # a list of numbers
    kill -"$signal" $pids 2>/dev/null || true
    sleep 0.3
  done
}

remove_namespaces() {
  local name
  for name in "${made[@]}"; do
    end_processes_in "$name"
    ip netns del "$name" || true
  done
  made=()
  wait || true                      # collect the ended children
}

clean_up() {
  local status=$?
  trap '' INT TERM HUP              # a second Ctrl-C doesn't interrupt the cleaning
  trap - EXIT
  set +e                            # whatever fails here, the rest still gets its turn
  remove_namespaces 2>/dev/null
  [[ -z $scratch ]] || rm -rf -- "$scratch"
  exit "$status"
}

# make_network "CLIENT ADDRESS..." "SERVER ADDRESS...": both namespaces, joined by one veth pair. Each
# side reaches exactly the addresses of the other side. IPv6 addresses are those with a colon.
make_network() {
  local -a ours theirs
  read -ra ours <<<"$1"
  read -ra theirs <<<"$2"
  local name
  for name in "$client" "$server"; do
    [[ ! -e /run/netns/$name ]] || die "namespace - $name exists already, perhaps since a kill -9 - sudo ip netns del $name"
    made+=("$name")                 # before it is made, so that a signal in between leaves nothing behind
    ip netns add "$name"
    ip -n "$name" link set lo up
  done
  ip -n "$client" link add vpn0 mtu 1500 type veth peer name net0 mtu 1500 netns "$server"
  set_up_end "$client" vpn0 "$1"
  set_up_end "$server" net0 "$2"
  local address
  for address in "${theirs[@]}"; do ip -n "$client" route add "$address" dev vpn0; done
  for address in "${ours[@]}"; do ip -n "$server" route add "$address" dev net0; done
}

# set_up_end NAMESPACE DEVICE "ADDRESS...": no offloads, hence packets of MTU size as on a TUN device.
set_up_end() {
  local -a addresses
  read -ra addresses <<<"$3"
  ip netns exec "$1" ethtool -K "$2" tso off gso off gro off tx off rx off >/dev/null
  # Cubic is what most clients use; the setting is the namespace's own. Kernels without it keep theirs.
  ip netns exec "$1" sh -c 'echo cubic >/proc/sys/net/ipv4/tcp_congestion_control' 2>/dev/null || true
  ip -n "$1" link set "$2" addrgenmode none up
  local address
  for address in "${addresses[@]}"; do
    if [[ $address == *:* ]]; then
      ip -n "$1" addr add "$address/128" dev "$2" nodad
    else
      ip -n "$1" addr add "$address/32" dev "$2"
    fi
  done
}

# ---------------------------------------------------------------- programs

# serve PROGRAM ARGUMENT...: in the server's namespace until the capture ends.
serve() {
  ip netns exec "$server" timeout "$LIMIT_SECONDS" "$@" >>"$scratch/servers.log" 2>&1 &
}

# Web (port 80, one dual-stack socket) and DNS (port 53 of every address) in the server's namespace.
start_servers() {
  local -a addresses
  read -ra addresses <<<"$1"
  local kilobytes port address listen=()
  mkdir -p "$scratch/www"
  for kilobytes in 1 3 5 8 12 20 40 90; do
    head -c $((kilobytes * 1000)) /dev/zero >"$scratch/www/$kilobytes.bin"
  done
  # "python3 -m http.server" with a longer queue: its own 5 lose SYNs, which come again a second later.
  serve python3 -c 'import runpy, socketserver
socketserver.TCPServer.request_queue_size = 128
runpy.run_module("http.server", run_name="__main__", alter_sys=True)' 80 --bind :: --directory "$scratch/www"
  for address in "${addresses[@]}"; do listen+=(--listen-address="$address"); done
  serve dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= \
    --log-facility=- --bind-interfaces "${listen[@]}" \
    --address=/example/192.0.2.10 --address=/example/2001:db8:10::10
  # Ready when all of them listen: /proc/net/tcp* has ports in hexadecimal, and state 0A is LISTEN.
  local tries missing sockets
  for ((tries = 0; tries < 100; tries++)); do
    missing=''
    sockets=$(ip netns exec "$server" cat /proc/net/tcp /proc/net/tcp6)
    for port in 80 53; do
      grep -q "$(printf ':%04X [0-9A-F]*:0000 0A ' "$port")" <<<"$sockets" || missing+=" $port"
    done
    [[ -n $missing ]] || return 0
    sleep 0.1
  done
  die "servers - nothing listens on port$missing: $(tail -n 3 "$scratch/servers.log" | tr '\n' ' ')"
}

# schedule NAMESPACE DELAY_MS PROGRAM ARGUMENT...: in that namespace, that long after the capture has begun.
schedule() {
  local name=$1 delay_ms=$2 seconds
  shift 2
  printf -v seconds '%d.%03d' $((delay_ms / 1000)) $((delay_ms % 1000))
  # shellcheck disable=SC2016  # expanded by the inner shell
  ip netns exec "$name" timeout "$LIMIT_SECONDS" \
    bash -c 'sleep "$0"; "$@" || { echo "status $?: $*"; exit 1; }' "$seconds" "$@" >>"$scratch/traffic.log" 2>&1 &
  traffic+=("$!")
}

# page DELAY_MS CLIENT SERVER DNS KILOBYTES...: a look-up of A and AAAA, then one object of each size, up to six
# connections at once (as browsers do).
page() {
  local delay_ms=$1 from=$2 to=$3 dns=$4 urls=() kilobytes
  shift 4
  [[ $to == *:* ]] && to="[$to]"
  for kilobytes in "$@"; do urls+=("http://$to/$kilobytes.bin" -o /dev/null); done
  schedule "$client" "$delay_ms" dig +tries=1 +time=2 -b "$from" "@$dns" "www$RANDOM.example" A "www$RANDOM.example" AAAA
  schedule "$client" $((delay_ms + 120)) curl -q --noproxy '*' -sS --fail --max-time 10 --interface "$from" \
    -Z --parallel-immediate --parallel-max 6 "${urls[@]}"
}

# bulk DELAY_MS CLIENT SERVER PORT ARGUMENT...: one iperf3 test with a server of its own. The server is bound to its
# address, because iperf3 answers UDP on a wildcard socket from the first address of the device.
bulk() {
  local delay_ms=$1 from=$2 to=$3 port=$4
  shift 4
  schedule "$server" 0 iperf3 -s -1 -B "$to" -p "$port"
  schedule "$client" "$delay_ms" iperf3 -B "$from" -c "$to" -p "$port" --repeating-payload "$@"
}

# call DELAY_MS CLIENT SERVER PORT LENGTH_MS: one voice call, a stream either way.
call() {
  schedule "$client" "$1" python3 "$here/voice.py" "$2" "$3" "$4" "$5"
  schedule "$server" "$1" python3 "$here/voice.py" "$3" "$2" "$4" "$5"
}

# pings DELAY_MS CLIENT SERVER COUNT INTERVAL_SECONDS
pings() { schedule "$client" "$1" ping -q -I "$2" -c "$4" -i "$5" "$3"; }

# ---------------------------------------------------------------- the captures

# An office behind a VPN client: ten hosts, six servers, IPv4 and some IPv6; three waves of ten pages, quiet moments with
# only the two voice calls, and bulk transfers far above 10,000 packets/s. No server's first byte meets the fork's bit test.
office_clients='10.8.0.2 10.8.0.3 10.8.0.4 10.8.0.5 10.8.0.6 10.8.0.7 10.8.0.8 10.8.0.9 10.8.0.10 10.8.0.11 fd08::2 fd08::3'
office_servers='192.0.2.10 192.0.2.20 192.0.2.53 198.51.100.7 198.51.100.8 198.51.100.9 2001:db8:10::10 2001:db8:20::20'
office_traffic() {
  local wave host targets=(192.0.2.10 192.0.2.20 198.51.100.7 198.51.100.8 198.51.100.9)
  call 0 10.8.0.3 198.51.100.7 16384 12000
  call 400 10.8.0.9 198.51.100.8 16390 11000
  pings 200 10.8.0.4 192.0.2.10 20 0.5
  pings 300 fd08::2 2001:db8:10::10 5 1
  for wave in 0 1 2; do
    for host in {0..9}; do
      page $((500 + 3700 * wave + 130 * host)) "10.8.0.$((host + 2))" "${targets[(host + wave) % 5]}" 192.0.2.53 \
        1 3 5 12 $((wave == host % 3 ? 40 : 8))
    done
  done
  page 1000 fd08::2 2001:db8:10::10 2001:db8:20::20 1 5 20 8
  page 5000 fd08::3 2001:db8:20::20 2001:db8:10::10 3 12 8
  page 8400 fd08::2 2001:db8:20::20 2001:db8:10::10 5 5 40
  bulk 2900 10.8.0.5 192.0.2.20 5201 -R -P 3 -n 7M -b 50M             # TCP download, three connections
  bulk 3100 10.8.0.6 198.51.100.9 5202 -u -l 1200 -b 12M -n 1200K     # UDP upload beside it
  bulk 6300 10.8.0.7 198.51.100.8 5203 -P 4 -n 6M -b 40M              # TCP upload, four connections
  bulk 6400 10.8.0.8 192.0.2.10 5204 -R -u -l 1200 -b 10M -n 1M       # UDP download beside it
  bulk 9600 fd08::3 2001:db8:10::10 5205 -n 1500K -b 60M              # IPv6 TCP upload
  bulk 9700 fd08::2 2001:db8:20::20 5206 -u -l 1000 -b 4M -n 400K     # IPv6 UDP upload
}

# Eight calls, each begun 0.3 s after the one before, over light web and DNS traffic.
voice_clients='10.8.0.2 10.8.0.3 10.8.0.4 10.8.0.5'
voice_servers='192.0.2.10 192.0.2.53 198.51.100.7 198.51.100.8'
voice_traffic() {
  local i
  for i in {0..7}; do
    call $((300 * i)) "10.8.0.$((i % 4 + 2))" "198.51.100.$((i / 4 + 7))" $((16384 + 2 * i)) 7500
  done
  for i in {0..5}; do page $((900 + 1450 * i)) "10.8.0.$((i % 4 + 2))" 192.0.2.10 192.0.2.53 1 5 12; done
  pings 100 10.8.0.2 192.0.2.10 9 1
}

# One client, 10.8.0.2, and servers in pairs that get the same traffic: the first byte of one meets the fork's test
# (o & 10) == 10, that of the other does not. Public-looking addresses, but they exist in these namespaces only.
ten_net_clients='10.8.0.2'
ten_net_servers='142.250.74.14 142.251.36.46 31.13.84.36 31.13.64.35 93.184.216.34 52.1.10.20 104.16.1.1 151.101.1.69'
ten_net_traffic() {
  local i meets=(142.250.74.14 142.251.36.46 31.13.84.36 31.13.64.35) fails=(93.184.216.34 52.1.10.20 104.16.1.1 151.101.1.69)
  for i in 0 1 2 3; do
    page $((300 + 100 * i)) 10.8.0.2 "${meets[i]}" "${meets[i]}" 3 12 40
    page $((350 + 100 * i)) 10.8.0.2 "${fails[i]}" "${fails[i]}" 3 12 40
  done
  call 0 10.8.0.2 "${meets[1]}" 16384 5000
  call 0 10.8.0.2 "${fails[1]}" 16390 5000
  bulk 1600 10.8.0.2 "${meets[0]}" 5201 -n 1300K -b 30M                # TCP uploads
  bulk 1600 10.8.0.2 "${fails[0]}" 5202 -n 1300K -b 30M
  bulk 3200 10.8.0.2 "${meets[2]}" 5203 -u -l 1200 -b 12M -n 1200K     # UDP uploads
  bulk 3200 10.8.0.2 "${fails[2]}" 5204 -u -l 1200 -b 12M -n 1200K
  bulk 3400 10.8.0.2 "${meets[3]}" 5205 -R -n 1M -b 25M                # TCP downloads
  bulk 3400 10.8.0.2 "${fails[3]}" 5206 -R -n 1M -b 25M
}

# ---------------------------------------------------------------- recording

# record NAME "CLIENT ADDRESS..." "SERVER ADDRESS..." PACKETS_MIN:MAX FLOWS_MIN:MAX PEAK_PPS_MIN SECONDS_MAX: one
# capture, from empty namespaces to OUT/NAME.pcap.gz. A recording outside its bounds (a busy machine) is refused and replaces nothing.
record() {
  local name=$1 client_addresses=$2 server_addresses=$3 packets=$4 flows=$5 peak_pps=$6 seconds=$7
  local raw="$scratch/$name.pcap" tries pid failed=0
  say "$name - recording"
  RANDOM=1                          # the same names are looked up each time
  : >"$scratch/traffic.log"
  make_network "$client_addresses" "$server_addresses"
  start_servers "$server_addresses"

  ip netns exec "$client" timeout "$LIMIT_SECONDS" tcpdump -i vpn0 -n -p -Z root -B 16384 -s "$SNAP_BYTES" -c "$LIMIT_PACKETS" \
    --time-stamp-precision=nano -w "$raw" "$FILTER" 2>"$scratch/tcpdump.log" &
  local tcpdump=$!
  for ((tries = 0; tries < 50; tries++)); do
    grep -q '^tcpdump: listening' "$scratch/tcpdump.log" && break
    sleep 0.1
  done

  traffic=()
  "${name//-/_}_traffic"
  for pid in "${traffic[@]}"; do wait "$pid" || failed=$((failed + 1)); done
  ((failed == 0)) || die "$name - $failed traffic programs failed: $(grep -B 2 '^status' "$scratch/traffic.log" | tail -n 9 | tr '\n' ';')"
  sleep 1.5                         # the kernel keeps a part-filled block of packets from tcpdump for up to 1 s
  kill -TERM "$tcpdump"             # timeout passes it on; tcpdump then writes what it has
  wait "$tcpdump" || true
  grep -q '^0 packets dropped by kernel' "$scratch/tcpdump.log" || die "$name - tcpdump lost packets - record on a less busy machine"
  remove_namespaces

  gzip -9n "$raw"
  python3 "$here/measure.py" --packets "$packets" --flows "$flows" --peak-pps-min "$peak_pps" --seconds-max "$seconds" "$raw.gz"
  mv -- "$raw.gz" "$out/$name.pcap.gz"
}

main() {
  local wanted=() tool missing=()
  out=$here
  while (($#)); do
    case $1 in
      --out) [[ $# -ge 2 ]] || { say '--out - needs a folder'; exit 2; }; out=$2; shift ;;
      office | voice | ten-net) wanted+=("$1") ;;
      -h | --help) sed -n '2,11s/^# \{0,1\}//p' "$here/record.sh"; echo "Debian packages: $PACKAGES"; exit 0 ;;
      *) say "argument - unknown: $1 - use: record.sh [--out DIR] [office | voice | ten-net]..."; exit 2 ;;
    esac
    shift
  done
  ((${#wanted[@]})) || wanted=(office voice ten-net)

  say "needs the Debian packages: $PACKAGES"
  for tool in $TOOLS; do command -v "$tool" >/dev/null || missing+=("$tool"); done
  ((${#missing[@]} == 0)) || die "tools - missing: ${missing[*]} - apt-get install -y --no-install-recommends $PACKAGES"
  [[ $(id -u) == 0 ]] || die 'user - network namespaces need root - run it with sudo'
  mkdir -p "$out"

  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
  scratch=$(mktemp -d)

  python3 "$here/measure.py" --header
  local name
  for name in "${wanted[@]}"; do
    case $name in
      office) record office "$office_clients" "$office_servers" 20000:30000 300:600 10000 13 ;;
      voice) record voice "$voice_clients" "$voice_servers" 3000:9000 40:200 800 10.5 ;;
      ten-net) record ten-net "$ten_net_clients" "$ten_net_servers" 5000:10000 40:150 3000 6 ;;
    esac
  done
  say "done - $(du -cb "$out"/{office,voice,ten-net}.pcap.gz 2>/dev/null | tail -n 1 | cut -f 1) bytes in all"
}

main "$@"
