/*
 * M/M/1 on ns-3's event loop (core module only: Simulator::Schedule), as a yardstick for events per second.
 * An event is an arrival or a departure; draws come from the C++ library, which is cheaper than ns-3's streams.
 * One unit of time is a second, and ns-3 keeps it in nanoseconds.
 *
 *     c++ -O3 -march=native -o mm1_ns3 bench/mm1_ns3.cc -lns3-core
 *     ./mm1_ns3 [CUSTOMERS [SEED [ns3::HeapScheduler]]]
 */
#include <ns3/core-module.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>
#include <string>

using ns3::Simulator;

static const double arrivalRate = 0.7, serviceRate = 1;
static std::mt19937_64 generator;
static std::exponential_distribution<double> gapSeconds(arrivalRate), serviceSeconds(serviceRate);
static std::deque<int64_t> arrivedNs;
static uint64_t customers = 2000000, arrivals;
static double sojournSumSeconds;

static ns3::Time nanoseconds(double seconds) { return ns3::NanoSeconds(static_cast<int64_t>(seconds * 1e9 + 0.5)); }

static void depart() {
  sojournSumSeconds += static_cast<double>(Simulator::Now().GetNanoSeconds() - arrivedNs.front()) * 1e-9;
  arrivedNs.pop_front();
  if (!arrivedNs.empty()) Simulator::Schedule(nanoseconds(serviceSeconds(generator)), &depart);
}

static void arrive() {
  if (++arrivals < customers) Simulator::Schedule(nanoseconds(gapSeconds(generator)), &arrive);
  arrivedNs.push_back(Simulator::Now().GetNanoSeconds());
  if (arrivedNs.size() == 1) Simulator::Schedule(nanoseconds(serviceSeconds(generator)), &depart);
}

int main(int argc, char **argv) {
  if (argc > 1) customers = static_cast<uint64_t>(std::atof(argv[1]));
  generator.seed(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
  const std::string scheduler = argc > 3 ? argv[3] : "ns3::MapScheduler";
  Simulator::SetScheduler(ns3::ObjectFactory(scheduler));
  const auto started = std::chrono::steady_clock::now();
  Simulator::Schedule(nanoseconds(gapSeconds(generator)), &arrive);
  Simulator::Run();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  std::printf("library ns-3 core, %s\ncustomers %llu\n", scheduler.c_str(), static_cast<unsigned long long>(customers));
  std::printf("sojournMean %.6g\nsojournMeanExpected %.6g\n", sojournSumSeconds / static_cast<double>(customers),
    1 / (serviceRate - arrivalRate));
  std::printf("seconds %.3f\neventsPerSecond %.0f\n", seconds, 2 * static_cast<double>(customers) / seconds);
  Simulator::Destroy();
}
