#!/usr/bin/env python3
"""One end of a G.711 voice call: RTP over UDP, 50 packets/s of 172 bytes (12 header + 160 payload, 200 with IPv4 and UDP).

usage: voice.py LOCAL REMOTE PORT LENGTH_MS
Sends from LOCAL port PORT to the same port of REMOTE; what arrives is read and thrown away. The far end runs the same
program with the addresses exchanged. Each end keeps silent for 0.3 s first and listens 0.3 s longer than it talks, so that
the far end is there; its phase in the 20 ms grid follows from its arguments. Deadlines are absolute: a late packet does not
delay those after it.
"""
import random
import select
import socket
import struct
import sys
import time

INTERVAL_NS = 20_000_000
GRACE_NS = 300_000_000
SAMPLES_PER_PACKET = 160  # 8000 Hz, one byte each (payload type 0, PCMU)


def listen_until(end, deadline_ns):
    while (wait_ns := deadline_ns - time.monotonic_ns()) > 0:
        if select.select([end], [], [], wait_ns / 1e9)[0]:
            try:
                end.recv(2048)
            except OSError:  # an ICMP error: the far end isn't there yet, or has hung up
                pass


def main():
    local, remote, port, length_ms = sys.argv[1:]
    end = socket.socket(socket.AF_INET6 if ":" in local else socket.AF_INET, socket.SOCK_DGRAM)
    end.bind((local, int(port)))
    source = random.Random(f"{local} {remote} {port}")
    deadline_ns = time.monotonic_ns() + GRACE_NS + source.randrange(INTERVAL_NS)
    stream_id = source.getrandbits(32)
    for number in range(int(length_ms) // 20):
        listen_until(end, deadline_ns)
        header = struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, number * SAMPLES_PER_PACKET, stream_id)
        try:
            end.sendto(header + b"\xff" * SAMPLES_PER_PACKET, (remote, int(port)))
        except OSError:
            pass
        deadline_ns += INTERVAL_NS
    listen_until(end, deadline_ns + GRACE_NS)


main()
