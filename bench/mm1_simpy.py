#!/usr/bin/env python3
"""M/M/1 in SimPy, as a yardstick for events per second: a source and one server, two processes in all, which is
the cheapest way to say it in SimPy. An event is an arrival or a departure, whatever the library needs for it.
Written for SimPy 2.3, which is what Debian's python3-simpy has; SimPy 3 and 4 have another interface.

    /usr/bin/python3 bench/mm1_simpy.py [CUSTOMERS [SEED]]
"""
import random
import sys
import time
from collections import deque

import SimPy
from SimPy.Simulation import Process, Simulation, hold, passivate

ARRIVAL_RATE, SERVICE_RATE = 0.7, 1.0
customers = int(float(sys.argv[1])) if len(sys.argv) > 1 else 200_000
draw = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1).expovariate
arrived = deque()
sojourn_sum = 0.0


class Source(Process):
    def run(self):
        for _ in range(customers):
            yield hold, self, draw(ARRIVAL_RATE)
            arrived.append(self.sim.now())
            if server.passive():
                self.sim.reactivate(server)


class Server(Process):
    def run(self):
        global sojourn_sum
        for _ in range(customers):
            if not arrived:
                yield passivate, self
            yield hold, self, draw(SERVICE_RATE)
            sojourn_sum += self.sim.now() - arrived.popleft()


simulation = Simulation()
server, source = Server(sim=simulation), Source(sim=simulation)
simulation.activate(server, server.run())
simulation.activate(source, source.run())
started = time.perf_counter()
simulation.simulate(until=1e300)
seconds = time.perf_counter() - started
print(f"library SimPy {SimPy.__version__}")
print(f"customers {customers}")
print(f"sojournMean {sojourn_sum / customers:.6g}")
print(f"sojournMeanExpected {1 / (SERVICE_RATE - ARRIVAL_RATE):.6g}")
print(f"seconds {seconds:.3f}")
print(f"eventsPerSecond {2 * customers / seconds:.0f}")
