#!/usr/bin/env python3
"""Measures captures of this folder (gzipped pcap, nanoseconds, Ethernet) and prints a Markdown row for each.

usage: measure.py [--header] [--packets MIN:MAX] [--flows MIN:MAX] [--peak-pps-min PPS] [--seconds-max S] [FILE.pcap.gz ...]
A flow is a unidirectional 5-tuple of TCP or UDP. The peak is the fullest window of 100 ms (or 10 ms), wherever it begins,
as packets per second. "Close" packets come less than 30 us after the one before. "Back" counts timestamps earlier than
the one before in the file (several CPUs feed tcpdump). Exits with 1 when a bound does not hold.
"""
import argparse
import gzip
import os
import struct
import sys

HEADER = """\
| capture | bytes | packets | IPv4 / IPv6 | TCP / UDP / other | flows | seconds | mean pps | peak pps, 100 ms | peak pps, 10 ms | close | back | largest, bytes |
|---|---|---|---|---|---|---|---|---|---|---|---|---|"""


def packets(path):
    """Yields (time in ns, original length without the 14 bytes of Ethernet, captured bytes)."""
    with gzip.open(path, "rb") as stream:
        magic, _, _, _, _, _, link = struct.unpack("<IHHiIII", stream.read(24))
        if magic != 0xA1B23C4D or link != 1:
            sys.exit(f"{path} - not a little-endian nanosecond Ethernet pcap - record it with record.sh")
        while head := stream.read(16):
            seconds, nanoseconds, captured, original = struct.unpack("<IIII", head)
            yield seconds * 1_000_000_000 + nanoseconds, original - 14, stream.read(captured)


def five_tuple(frame):
    """(version, protocol, flow or None); the captures have neither VLAN tags, fragments nor IPv6 extension headers."""
    version = frame[14] >> 4
    start, protocol, addresses = (14 + (frame[14] & 15) * 4, frame[23], frame[26:34]) if version == 4 else (54, frame[20], frame[22:54])
    return version, protocol, (protocol, addresses, frame[start:start + 4]) if protocol in (6, 17) else None


def peak_pps(sorted_ns, window_ns):
    most = first = 0
    for last, time_ns in enumerate(sorted_ns):
        while time_ns - sorted_ns[first] >= window_ns:
            first += 1
        most = max(most, last - first + 1)
    return most * 1_000_000_000 // window_ns


def measure(path):
    times_ns, flows, versions, protocols, largest = [], set(), {4: 0, 6: 0}, {6: 0, 17: 0, None: 0}, 0
    for time_ns, size_bytes, frame in packets(path):
        version, protocol, flow = five_tuple(frame)
        times_ns.append(time_ns)
        versions[version] += 1
        protocols[protocol if flow else None] += 1
        largest = max(largest, size_bytes)
        if flow:
            flows.add(flow)
    back = sum(b < a for a, b in zip(times_ns, times_ns[1:]))
    ordered = sorted(times_ns)
    close = sum(b - a < 30_000 for a, b in zip(ordered, ordered[1:])) / len(ordered)
    seconds = (ordered[-1] - ordered[0]) / 1e9
    peak = peak_pps(ordered, 100_000_000)
    row = [os.path.basename(path), os.path.getsize(path), len(ordered), f"{versions[4]} / {versions[6]}",
           f"{protocols[6]} / {protocols[17]} / {protocols[None]}", len(flows), f"{seconds:.2f}", round(len(ordered) / seconds),
           peak, peak_pps(ordered, 10_000_000), f"{100 * close:.0f} %", back, largest]
    print("| " + " | ".join(map(str, row)) + " |", flush=True)
    return len(ordered), len(flows), peak, seconds


def bounds(text):
    low, high = map(int, text.split(":"))
    return low, high


def main():
    parser = argparse.ArgumentParser(description="Measures captures of this folder.")
    parser.add_argument("--header", action="store_true", help="print the table's header first")
    parser.add_argument("--packets", type=bounds, default=(0, 10**9), metavar="MIN:MAX")
    parser.add_argument("--flows", type=bounds, default=(0, 10**9), metavar="MIN:MAX")
    parser.add_argument("--peak-pps-min", type=int, default=0, metavar="PPS", help="over 100 ms")
    parser.add_argument("--seconds-max", type=float, default=1e9, metavar="S")
    parser.add_argument("files", nargs="*", metavar="FILE")
    options = parser.parse_args()
    if options.header:
        print(HEADER, flush=True)
    for path in options.files:
        count, flows, peak, seconds = measure(path)
        for what, value, (low, high) in (("packets", count, options.packets), ("flows", flows, options.flows),
                                         ("peak", peak, (options.peak_pps_min, 10**9)),
                                         ("seconds", seconds, (0, options.seconds_max))):
            if not low <= value <= high:
                sys.exit(f"{os.path.basename(path)} - {what}: {value} is outside {low}:{high} - record it again")


main()
