/*
 * The reference scenario (scenarios/reference.yaml) by hand in C, one core, nothing allocated per packet: what
 * lanewise's speed is measured against. It models Poisson arrivals over equally likely flows, flow-pinned with
 * `assign: next`, FIFO lanes with lognormal work (lanes may reorder packets of a flow and of the tunnel), and it
 * measures, exactly and in one pass, order by RFC 4737, RFC 6675 and RFC 9002 per flow and tunnel-wide, latency,
 * moves, drops and load. lanewise measures more by default (gaps, densities, delay variation, play-out, replay
 * windows, unsafe moves), so a ratio of speeds favours this program.
 *
 *     cc -O3 -march=native -o baseline baseline.c -lm
 *     ./baseline PACKETS [SEED [WARMUP_RATIO [plain]]]     no warm-up by default, as in the scenario
 *
 * The work is done in blocks of packets, each stage a short loop over arrays that a compiler can vectorise and
 * that has no unpredictable branch: draw -> dispatch and serve -> merge the lanes' departures -> judge the order.
 * Here that is exact, because flow-pinned with `assign: next` never looks at the lanes, so each lane's departures
 * follow from its arrivals (Lindley's recursion) before the lanes are merged. The reader costs nothing, so its TUN
 * queue of 500 never holds a packet and is left out. `plain` runs the same draws through an ordinary event loop
 * and a literal observer instead: what it prints must be identical, but for the times,
 * and it shows what blocks gain.
 */
#define _GNU_SOURCE
#pragma GCC optimize("no-trapping-math")
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- the scenario ---- */
#define FLOWS 1000
#define LANES 4 /* the merge below is written for four */
#define QUEUE_PACKETS 1024 /* waiting, beside the one in service */
static const double meanGapNs = 1e4, fixedWorkNs = 8000 + 4 * 700, jitterMedianNs = 15000, jitterSigma = 0.8;
static const double ttlNs = 1e6;

/* ---- sizes ---- */
#define BLOCK 2048
#define RING (1 << 14) /* numbers and arrivals remembered; a packet later than that would be an error, said loudly */
#define MASK (RING - 1)
#define NUMBER_BITS 16 /* low bits of a departure's key: its packet's number, modulo 65,536 */
#define NUMBER_MASK ((1u << NUMBER_BITS) - 1)
#define LANE_ROOM (QUEUE_PACKETS + 1 + BLOCK)
#define MERGED_ROOM (LANES * LANE_ROOM)
#define DEGREES 8
#define FILL 4 /* missing numbers tagged without a branch */
#define NEVER UINT64_MAX
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

static void fail(const char *what) {
  fprintf(stderr, "baseline: %s\n", what);
  exit(1);
}

/* ---- histogram: 1024 buckets per power of two (0.1 %), exact below 2048, found by shifting a double's bits ---- */
#define OCTAVES 50
typedef struct {
  uint64_t count, sum, max;
  uint32_t buckets[OCTAVES << 10];
} Histogram;

static inline double doubleOf(uint64_t bits) {
  double x;
  memcpy(&x, &bits, 8);
  return x;
}
static inline uint64_t bitsOf(double x) {
  uint64_t bits;
  memcpy(&bits, &x, 8);
  return bits;
}
/** An integer below 2^52 as a double; two operations everywhere. */
static inline double fromInteger(uint64_t x) { return doubleOf(x | 0x4330000000000000) - 0x1p52; }

/** Bucket of a whole x >= 0: exponent and ten bits of x + 1/2, so that 0 is no exception. */
static inline uint32_t bucketOf(double x) { return (uint32_t)((bitsOf(x + 0.5) >> 42) - (1022 << 10)); }

/** Where a bucket begins. */
static double lowOf(uint32_t bucket) { return doubleOf(((uint64_t)bucket + (1022 << 10)) << 42); }

static inline void record(Histogram *h, uint64_t x) {
  h->count++, h->sum += x, h->max = x > h->max ? x : h->max, h->buckets[bucketOf(fromInteger(x))]++;
}

/** Records many whole numbers; the loops vectorise, but for the increments. */
static void recordAll(Histogram *h, const double *values, uint32_t count) {
  static uint32_t buckets[MERGED_ROOM];
  const uint64_t one = 0x4330000000000000; /* 2^52 and above: the bits count in ones */
  uint64_t sum = 0, max = h->max;
  for (uint32_t i = 0; i < count; i++) buckets[i] = bucketOf(values[i]);
  for (uint32_t i = 0; i < count; i++) {
    uint64_t x = bitsOf(values[i] + 0x1p52) - one;
    sum += x, max = x > max ? x : max;
  }
  for (uint32_t i = 0; i < count; i++) h->buckets[buckets[i]]++;
  h->count += count, h->sum += sum, h->max = max;
}

/** The middle of the bucket that holds the value of rank ceil(ratio * count). */
static double percentile(const Histogram *h, double ratio) {
  uint64_t rank = (uint64_t)ceil(ratio * (double)h->count), seen = 0;
  for (uint32_t b = 0; b < OCTAVES << 10; b++)
    if ((seen += h->buckets[b]) >= rank && seen) return floor((lowOf(b) + lowOf(b + 1)) / 2);
  return NAN;
}

/* ---- draws: xoshiro256++ eight abreast, logarithm, exponential and Box-Muller by polynomials (1e-11) ---- */
typedef uint64_t Words __attribute__((vector_size(64)));
static Words random0, random1, random2, random3;

static void seedRandom(uint64_t seed) {
  Words *states[4] = {&random0, &random1, &random2, &random3};
  for (int i = 0; i < 32; i++) { /* splitmix64 */
    uint64_t z = seed += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9, z = (z ^ z >> 27) * 0x94d049bb133111eb;
    (*states[i & 3])[i >> 2] = z ^ z >> 31;
  }
}

static void fillRandom(uint64_t *words, int count) {
  Words s0 = random0, s1 = random1, s2 = random2, s3 = random3;
  for (int i = 0; i < count; i += 8) {
    Words sum = s0 + s3, t = s1 << 17;
    *(Words *)(words + i) = (sum << 23 | sum >> 41) + s0;
    s2 ^= s0, s3 ^= s1, s1 ^= s2, s0 ^= s3, s2 ^= t, s3 = s3 << 45 | s3 >> 19;
  }
  random0 = s0, random1 = s1, random2 = s2, random3 = s3;
}

/** The upper 52 bits as a number in [1, 2). */
static inline double unit(uint64_t word) { return doubleOf(word >> 12 | 0x3ff0000000000000); }

/** Natural logarithm of a positive normal number: 2 atanh((m-1)/(m+1)) + k ln 2, m in [sqrt 1/2, sqrt 2). */
static inline double logarithm(double x) {
  int64_t bits = (int64_t)bitsOf(x), k = (bits - 0x3fe6a09e667f3bcd) >> 52;
  double m = doubleOf((uint64_t)(bits - k * (1ll << 52)));
  double exponent = doubleOf((uint64_t)(k + 0x4338000000000000)) - 0x1.8p52;
  double s = (m - 1) / (m + 1), q = s * s;
  double p = 2. / 13;
  p = p * q + 2. / 11, p = p * q + 2. / 9, p = p * q + 2. / 7, p = p * q + 2. / 5, p = p * q + 2. / 3;
  return exponent * 0.693147180559945309 + (s * q * p + 2 * s);
}

/** e^x for |x| < 700: 2^k times a Taylor polynomial of the rest. */
static inline double exponential(double x) {
  double shifted = x * 1.44269504088896341 + 0x1.8p52;
  double r = x - (shifted - 0x1.8p52) * 0.693147180559945309;
  double p = 1. / 362880;
  p = p * r + 1. / 40320, p = p * r + 1. / 5040, p = p * r + 1. / 720, p = p * r + 1. / 120, p = p * r + 1. / 24;
  p = p * r + 1. / 6, p = p * r + 1. / 2, p = p * r + 1, p = p * r + 1;
  return doubleOf(bitsOf(p) + (bitsOf(shifted) << 52));
}

/** Square root of a positive number by Newton's rule for its inverse: cheaper than the instruction, eight abreast. */
static inline double squareRoot(double x) {
  double y = doubleOf(0x5fe6eb50c7b537a9 - (bitsOf(x) >> 1)), half = 0.5 * x;
  y = y * (1.5 - half * y * y), y = y * (1.5 - half * y * y), y = y * (1.5 - half * y * y);
  return x * y;
}

static uint64_t words[BLOCK] __attribute__((aligned(64)));
static double arrivalNs[BLOCK], workNs[BLOCK]; /* whole nanoseconds */
static uint32_t flows[BLOCK];
static double clockNs; /* the last arrival before rounding */

static void draw(void) {
  fillRandom(words, BLOCK);
  for (int i = 0; i < BLOCK; i++) arrivalNs[i] = -meanGapNs * logarithm(2 - unit(words[i]));
  double sums[4] = {0}; /* four quarters at once, then what went before each */
  for (int i = 0; i < BLOCK / 4; i++)
    for (int k = 0; k < 4; k++) arrivalNs[k * (BLOCK / 4) + i] = sums[k] += arrivalNs[k * (BLOCK / 4) + i];
  for (int k = 0; k < 4; k++) {
    double *quarter = arrivalNs + k * (BLOCK / 4), now = clockNs;
    for (int i = 0; i < BLOCK / 4; i++) quarter[i] = rint(now + quarter[i]);
    clockNs += sums[k];
  }

  fillRandom(words, BLOCK);
  for (int i = 0; i < BLOCK / 2; i++) { /* Box-Muller on an eighth of the circle; three spare bits choose which */
    uint64_t word = words[BLOCK / 2 + i];
    double angle = (unit(word) - 1) * 0.785398163397448310, q = angle * angle;
    double radius = squareRoot(-2 * logarithm(2 - unit(words[i])));
    double sine = -1. / 39916800, cosine = 1. / 479001600;
    sine = sine * q + 1. / 362880, sine = sine * q - 1. / 5040, sine = sine * q + 1. / 120, sine = sine * q - 1. / 6;
    sine = sine * q * angle + angle;
    cosine = cosine * q - 1. / 3628800, cosine = cosine * q + 1. / 40320, cosine = cosine * q - 1. / 720;
    cosine = cosine * q + 1. / 24, cosine = cosine * q - 1. / 2, cosine = cosine * q + 1;
    double x = radius * jitterSigma * (word & 1 ? sine : cosine), y = radius * jitterSigma * (word & 1 ? cosine : sine);
    x = doubleOf(bitsOf(x) ^ (word >> 1 & 1) << 63), y = doubleOf(bitsOf(y) ^ (word >> 2 & 1) << 63);
    workNs[i] = rint(fixedWorkNs + jitterMedianNs * exponential(x));
    workNs[BLOCK / 2 + i] = rint(fixedWorkNs + jitterMedianNs * exponential(y));
  }

  fillRandom(words, BLOCK / 2);
  for (int i = 0; i < BLOCK; i++) flows[i] = (uint32_t)((uint64_t)((uint32_t *)words)[i] * FLOWS >> 32);
}

/* ---- policy and lanes ---- */
typedef struct {
  double lastSeenNs;
  uint32_t lane, sent;
} FlowEntry;
static FlowEntry table[FLOWS];
static uint32_t nextLane;
static uint64_t offered, moves, drops, firstSeen; /* of the sample */
static uint32_t sentPackets, firstOfSample;
static uint64_t flowAndNumber[RING]; /* flow << 32 | number within the flow */

/** flow-pinned: the flow's lane, or the next one if the flow was silent for the TTL. Counts moves and numbers. */
static void dispatch(int from, int to, uint8_t *lanes) {
  uint32_t number = sentPackets, next = nextLane, moved = 0;
  for (int i = from; i < to; i++, number++) {
    double now = arrivalNs[i];
    uint32_t flow = flows[i];
    FlowEntry *entry = &table[flow];
    uint32_t expired = now - entry->lastSeenNs >= ttlNs, previous = entry->lane;
    uint32_t lane = previous ^ ((previous ^ next) & -expired); /* `?:` would become a branch here */
    next = (next + expired) % LANES;
    moved += lane != previous;
    entry->lastSeenNs = now, entry->lane = lane, lanes[i] = (uint8_t)lane;
    flowAndNumber[number & MASK] = (uint64_t)flow << 32 | entry->sent++;
  }
  nextLane = next, moves += moved, offered += (uint64_t)(to - from), sentPackets = number;
}

/** A lane's departures that were not taken yet, in order. Before them stands 0, also for the packets that have left
 *  long ago, and behind them NEVER: what a merge stops at. */
typedef struct {
  uint64_t *tail;
  double freeAtNs, busyNs;
  uint64_t room[QUEUE_PACKETS + 1 + LANE_ROOM + 1];
} Lane;
static Lane lanes[LANES];
#define HEAD(lane) ((lane)->room + QUEUE_PACKETS + 1)

static inline uint64_t keyOf(double ns, uint32_t number) { return (uint64_t)ns << NUMBER_BITS | (number & NUMBER_MASK); }

static Histogram latencyNs;
static double sojournNs[BLOCK];

static void serve(int from, int to) {
  static uint8_t chosen[BLOCK];
  uint32_t number = sentPackets, served = 0;
  dispatch(from, to, chosen);
  for (int i = from; i < to; i++, number++) {
    double now = arrivalNs[i], work = workNs[i];
    Lane *lane = &lanes[chosen[i]];
    uint64_t *tail = lane->tail;
    /* full if the packet 1025 places ahead has not left yet; departures come before arrivals of the same instant */
    if (UNLIKELY(tail[-QUEUE_PACKETS - 1] >= keyOf(now + 1, 0))) {
      drops++;
      continue;
    }
    double end = (lane->freeAtNs > now ? lane->freeAtNs : now) + work;
    lane->freeAtNs = end, lane->busyNs += work;
    *tail = keyOf(end, number);
    lane->tail = tail + 1;
    sojournNs[served++] = end - now;
  }
  recordAll(&latencyNs, sojournNs, served);
}

/* ---- merge ---- */
static uint64_t half0[1 + 2 * LANE_ROOM + 1], half1[1 + 2 * LANE_ROOM + 1], merged[1 + MERGED_ROOM + 1];

/** A merge of sorted runs from both ends at once. Beyond each end of a run stands a smaller or a larger key than all
 *  of the other's, so that no end is tested for. */
typedef struct {
  const uint64_t *a, *b, *lastA, *lastB;
  uint64_t *out, *end;
  uint32_t steps, odd;
} Merge;

static inline Merge mergeOf(const uint64_t *a, uint32_t m, const uint64_t *b, uint32_t n, uint64_t *out) {
  return (Merge){a, b, a + m - 1, b + n - 1, out, out + m + n - 1, (m + n) / 2, (m + n) & 1};
}

static inline void step(Merge *g) {
  uint64_t x = *g->a, y = *g->b, v = *g->lastA, w = *g->lastB;
  uint64_t first = x < y, last = v > w;
  *g->out++ = first ? x : y, g->a += first, g->b += 1 - first;
  *g->end-- = last ? v : w, g->lastA -= last, g->lastB -= 1 - last;
}

/** Two merges side by side: four chains of loads overlap. */
static void mergeBoth(Merge g, Merge h) {
  uint32_t both = g.steps < h.steps ? g.steps : h.steps;
  for (uint32_t i = 0; i < both; i++) step(&g), step(&h);
  for (uint32_t i = both; i < g.steps; i++) step(&g);
  for (uint32_t i = both; i < h.steps; i++) step(&h);
  if (g.odd) *g.out = *g.a < *g.b ? *g.a : *g.b;
  if (h.odd) *h.out = *h.a < *h.b ? *h.a : *h.b;
}

/** How many of a's first m are among the `half` smallest of a's m and b's n. */
static uint32_t splitOf(const uint64_t *a, uint32_t m, const uint64_t *b, uint32_t n, uint32_t half) {
  uint32_t low = half > n ? half - n : 0, high = half < m ? half : m;
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    if (a[middle] < b[half - middle - 1]) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Takes what departs before `limit` out of the lanes, in order of time, into `merged`; returns how many. */
static uint32_t depart(uint64_t limit) {
  uint32_t counts[LANES];
  for (int k = 0; k < LANES; k++) {
    uint64_t *tail = lanes[k].tail;
    *tail = NEVER;
    while (tail > HEAD(&lanes[k]) && tail[-1] >= limit) tail--;
    counts[k] = (uint32_t)(tail - HEAD(&lanes[k]));
  }
  uint32_t m = counts[0] + counts[1], n = counts[2] + counts[3];
  mergeBoth(mergeOf(HEAD(&lanes[0]), counts[0], HEAD(&lanes[1]), counts[1], half0 + 1),
    mergeOf(HEAD(&lanes[2]), counts[2], HEAD(&lanes[3]), counts[3], half1 + 1));
  half0[1 + m] = half1[1 + n] = NEVER;
  uint32_t half = (m + n) / 2, p = splitOf(half0 + 1, m, half1 + 1, n, half), q = half - p;
  mergeBoth(mergeOf(half0 + 1, p, half1 + 1, q, merged + 1),
    mergeOf(half0 + 1 + p, m - p, half1 + 1 + q, n - q, merged + 1 + half));
  for (int k = 0; k < LANES; k++) {
    uint64_t *head = HEAD(&lanes[k]);
    memmove(head, head + counts[k], (size_t)(lanes[k].tail - head - counts[k]) * sizeof *head);
    lanes[k].tail -= counts[k];
  }
  return m + n;
}

/* ---- order: what is counted, and the literal observer of one number space ---- */
typedef struct {
  uint64_t delivered, reordered, sackLost, quicLost, degrees[DEGREES];
  Histogram extent, lateNs;
} Order;
static Order flowOrder, tunnelOrder;

#define INTERVALS 256
typedef struct {
  int32_t low, high; /* missing numbers, both inclusive */
  uint32_t index; /* of the arrival that jumped over them */
  double ns; /* and its time */
} Missing;
typedef struct {
  int32_t expected, top[3], recent[DEGREES]; /* greatest first; latest first; negative: none */
  uint32_t arrivals, intervals;
  Missing missing[INTERVALS];
} Sequence;
static Sequence sequences[FLOWS + 1];

/** Judges one arrival: definitions section 5, a list of missing intervals, the three greatest and the last eight. */
static void observe(Sequence *q, Order *order, int32_t number, double now) {
  order->delivered++;
  if (number >= q->expected) {
    if (number > q->expected) {
      if (q->intervals == INTERVALS) fail("more missing intervals than are remembered");
      q->missing[q->intervals++] = (Missing){q->expected, number - 1, q->arrivals, now};
    }
    q->expected = number + 1;
  } else {
    uint32_t k = q->intervals - 1;
    while (q->missing[k].low > number) k--;
    Missing *gap = &q->missing[k], old = *gap;
    order->reordered++;
    record(&order->extent, q->arrivals - old.index);
    record(&order->lateNs, (uint64_t)(now - old.ns));
    int below = old.low < number, above = number < old.high;
    memmove(gap + below + above, gap + 1, (q->intervals - k - 1) * sizeof *gap);
    if (below) *gap++ = (Missing){old.low, number - 1, old.index, old.ns};
    if (above) *gap = (Missing){number + 1, old.high, old.index, old.ns};
    q->intervals += (uint32_t)(below + above - 1);
    if (q->intervals > INTERVALS - 1) fail("more missing intervals than are remembered");
  }
  for (int n = 0; n < DEGREES && q->recent[n] > number; n++) order->degrees[n]++;
  order->sackLost += q->top[2] > number, order->quicLost += q->top[0] - number >= 3;
  memmove(q->recent + 1, q->recent, sizeof q->recent - sizeof *q->recent), q->recent[0] = number;
  int32_t rest = number;
  for (int k = 0; k < 3; k++)
    if (rest > q->top[k]) {
      int32_t greater = rest;
      rest = q->top[k], q->top[k] = greater;
    }
  q->arrivals++;
}

/* Flows are nearly always in order, so one number per flow is kept at hand: the one expected next, if the flow's
 * last eight arrivals were in sequence and nothing is missing; else -1, and `sequences` has the state. */
static int32_t expectedOfFlow[FLOWS];
static uint64_t slowArrivals;

static void __attribute__((noinline)) observeFlow(uint32_t flow, int32_t number, double now) {
  Sequence *q = &sequences[flow];
  int32_t expected = expectedOfFlow[flow];
  slowArrivals++;
  if (expected >= 0) {
    q->expected = expected, q->arrivals = (uint32_t)expected, q->intervals = 0;
    for (int k = 0; k < 3; k++) q->top[k] = expected - 1 - k;
    for (int k = 0; k < DEGREES; k++) q->recent[k] = expected - 1 - k;
  }
  observe(q, &flowOrder, number, now);
  int clean = q->intervals == 0 && q->arrivals == (uint32_t)q->expected;
  for (int k = 0; k < DEGREES; k++) clean &= q->recent[k] == q->expected - 1 - k;
  expectedOfFlow[flow] = clean ? q->expected : -1;
}

/* ---- order of a block of departures ---- */
static int32_t numberRoom[DEGREES + MERGED_ROOM + 16], before[MERGED_ROOM + 16], third[MERGED_ROOM + 16];
static int32_t run[MERGED_ROOM + 16]; /* -1 while all of the last n arrivals had greater numbers */
static uint32_t lateOnes[MERGED_ROOM + 1];
static double departedNs[MERGED_ROOM + 16], extents[MERGED_ROOM + 1], lateNs[MERGED_ROOM + 1];
static uint32_t jumpIndex[RING + FILL], jumpBase; /* by missing number from a base: the arrival that first had a greater one */
static double arrivedNs[RING]; /* by arrival */
static uint32_t arrivals;
static int32_t greatest = -1, second = -1, thirdGreatest = -1;

/** The number of a key: the one with these low bits that was sent last. */
static inline uint32_t numberOf(uint64_t key) { return sentPackets - ((sentPackets - (uint32_t)key) & NUMBER_MASK); }

/** The lowest number still in a lane; what comes next if there is none. */
static uint32_t oldest(void) {
  uint32_t low = sentPackets;
  for (int k = 0; k < LANES; k++)
    if (lanes[k].tail > HEAD(&lanes[k])) {
      uint32_t number = numberOf(*HEAD(&lanes[k]));
      low = number < low ? number : low;
    }
  return low;
}

static void judge(uint32_t count) {
  const uint64_t *keys = merged + 1;
  int32_t *numbers = numberRoom + DEGREES;
  uint32_t low = oldest();
  for (uint32_t i = 0; i < count; i++) {
    uint32_t number = numberOf(keys[i]);
    numbers[i] = (int32_t)number, low = number < low ? number : low;
  }
  for (uint32_t i = 0; i < count; i++) departedNs[i] = fromInteger(keys[i] >> NUMBER_BITS);

  for (uint32_t i = 0; i < count; i++) arrivedNs[(arrivals + i) & MASK] = departedNs[i];

  /* of jumpIndex, what may still arrive is kept */
  uint32_t shift = low - jumpBase;
  if (greatest + 1 > (int32_t)low) memmove(jumpIndex, jumpIndex + shift, ((uint32_t)greatest + 1 - low) * sizeof *jumpIndex);
  jumpBase = low;
  uint32_t late = 0, index = arrivals;
  int32_t first = greatest, next = second, last = thirdGreatest;
  for (uint32_t i = 0; i < count; i++, index++) {
    int32_t number = numbers[i], behind = first - number;
    before[i] = first, third[i] = last;
    lateOnes[late] = i, late += behind > 0;
    int32_t lower = number < first ? number : first, lowest = lower < next ? lower : next;
    first = number > first ? number : first;
    next = lower > next ? lower : next;
    last = lowest > last ? lowest : last;
  }
  for (uint32_t i = 0; i < count; i++) {
    int32_t jump = numbers[i] - before[i] - 1;
    uint32_t *missing = jumpIndex + (uint32_t)(before[i] + 1) - low;
    for (int k = 0; k < FILL; k++) missing[k] = arrivals + i;
    if (UNLIKELY(jump > FILL))
      for (int k = FILL; k < jump; k++) missing[k] = arrivals + i;
  }

  for (uint32_t k = 0; k < late; k++) {
    uint32_t i = lateOnes[k], jump = jumpIndex[(uint32_t)numbers[i] - low];
    extents[k] = (double)(int32_t)(arrivals + i - jump);
    lateNs[k] = departedNs[i] - arrivedNs[jump & MASK];
  }
  recordAll(&tunnelOrder.extent, extents, late);
  recordAll(&tunnelOrder.lateNs, lateNs, late);
  if (UNLIKELY(tunnelOrder.extent.max + count > RING)) fail("a packet was later than the arrivals that are remembered");
  tunnelOrder.delivered += count, tunnelOrder.reordered += late;
  arrivals = index, greatest = first, second = next, thirdGreatest = last;

  uint32_t sack = 0, quic = 0;
  for (uint32_t i = 0; i < count; i++) sack += third[i] > numbers[i], quic += before[i] - numbers[i] >= 3;
  tunnelOrder.sackLost += sack, tunnelOrder.quicLost += quic;
  for (uint32_t i = 0; i < count; i++) run[i] = -1;
  for (int n = 0; n < DEGREES; n++) {
    const int32_t *earlier = numbers - 1 - n;
    int32_t total = 0;
    for (uint32_t i = 0; i < count; i++) run[i] &= -(earlier[i] > numbers[i]), total -= run[i];
    tunnelOrder.degrees[n] += (uint32_t)total;
  }

  uint64_t inOrder = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint64_t packed = flowAndNumber[(uint32_t)numbers[i] & MASK];
    int32_t number = (int32_t)packed, *expected = &expectedOfFlow[packed >> 32];
    if (LIKELY(*expected == number)) *expected = number + 1, inOrder++;
    else observeFlow((uint32_t)(packed >> 32), number, departedNs[i]);
  }
  flowOrder.delivered += inOrder;
  if (count >= DEGREES) memcpy(numberRoom, numbers + count - DEGREES, DEGREES * sizeof *numbers);
  else memmove(numberRoom, numberRoom + count, DEGREES * sizeof *numbers);
}

/** Packets that arrived before the sample began neither count nor overtake. */
static uint32_t withoutWarmup(uint32_t count) {
  uint64_t *keys = merged + 1;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; i++)
    if (numberOf(keys[i]) >= firstOfSample) keys[kept++] = keys[i];
  return kept;
}

/* ---- the same by an ordinary event loop ---- */
static double sentNs[RING];

static void plainDepart(Lane *lane) {
  uint64_t *head = HEAD(lane), key = *head;
  memmove(head, head + 1, (size_t)(lane->tail-- - head) * sizeof *head);
  uint32_t number = numberOf(key);
  if (number < firstOfSample) return;
  double now = (double)(key >> NUMBER_BITS);
  uint64_t packed = flowAndNumber[number & MASK];
  record(&latencyNs, (uint64_t)(now - sentNs[number & MASK]));
  observe(&sequences[packed >> 32], &flowOrder, (int32_t)packed, now);
  observe(&sequences[FLOWS], &tunnelOrder, (int32_t)(number - firstOfSample), now);
}

static void plainDepartures(uint64_t limit) {
  for (;;) {
    Lane *first = lanes;
    for (Lane *lane = lanes + 1; lane < lanes + LANES; lane++)
      if (*HEAD(lane) < *HEAD(first)) first = lane;
    if (*HEAD(first) >= limit) return;
    plainDepart(first);
  }
}

static void plainServe(int from, int to) {
  static uint8_t chosen[BLOCK];
  for (int i = from; i < to; i++) {
    double now = arrivalNs[i];
    plainDepartures(keyOf(now + 1, 0));
    sentNs[sentPackets & MASK] = now;
    dispatch(i, i + 1, chosen);
    Lane *lane = &lanes[chosen[i]];
    if (lane->tail - HEAD(lane) > QUEUE_PACKETS) {
      drops++;
      continue;
    }
    lane->freeAtNs = (lane->freeAtNs > now ? lane->freeAtNs : now) + workNs[i], lane->busyNs += workNs[i];
    *lane->tail++ = keyOf(lane->freeAtNs, sentPackets - 1), *lane->tail = NEVER;
  }
}

/* ---- run and report ---- */
static void beginSample(void) {
  memset(&latencyNs, 0, sizeof latencyNs);
  firstOfSample = sentPackets, offered = moves = drops = 0, firstSeen = 0;
  for (int f = 0; f < FLOWS; f++) table[f].sent = 0, firstSeen += table[f].lane == LANES;
  for (int k = 0; k < LANES; k++) lanes[k].busyNs = 0;
  greatest = (int32_t)sentPackets - 1, second = thirdGreatest = -1;
}

static void printOrder(const char *prefix, const Order *order) {
  const struct {
    const char *name;
    uint64_t count;
  } ratios[] = {{"reordered", order->reordered}, {"sackLost", order->sackLost}, {"quicLost", order->quicLost}};
  for (int k = 0; k < 3; k++)
    printf("%s%sRatio %.9g\n%s%sCount %llu\n", prefix, ratios[k].name, (double)ratios[k].count / (double)order->delivered,
      prefix, ratios[k].name, (unsigned long long)ratios[k].count);
  for (int n = 0; n < DEGREES; n++)
    printf("%snReordering[%d] %.9g\n", prefix, n + 1, (double)order->degrees[n] / (double)order->delivered);
  const char *names[] = {"extentMean", "extentP99", "extentMax", "lateTimeNsP50", "lateTimeNsP99", "lateTimeNsMax"};
  const Histogram *e = &order->extent, *l = &order->lateNs;
  double values[] = {(double)e->sum / (double)e->count, percentile(e, 0.99), (double)e->max, percentile(l, 0.5),
    percentile(l, 0.99), (double)l->max};
  for (int k = 0; k < 6; k++)
    if (order->reordered) printf("%s%s %.9g\n", prefix, names[k], values[k]);
    else printf("%s%s null\n", prefix, names[k]);
}

static double secondsOf(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(int argc, char **argv) {
  double packets = argc > 1 ? atof(argv[1]) : 0, warmupRatio = argc > 3 ? atof(argv[3]) : 0;
  int plain = argc > 4 && strcmp(argv[4], "plain") == 0;
  if (!(packets >= 1 && packets <= 2e9 && warmupRatio >= 0 && warmupRatio < 1) || argc > 5 || (argc > 4 && !plain)) {
    fprintf(stderr, "usage: baseline PACKETS [SEED [WARMUP_RATIO [plain]]] - packets: 1 to 2e9, ratio: 0 to 1\n");
    return 2;
  }
  double started = secondsOf(CLOCK_MONOTONIC);
  seedRandom(argc > 2 ? strtoull(argv[2], NULL, 10) : 1);
  for (int f = 0; f < FLOWS; f++) table[f] = (FlowEntry){-INFINITY, LANES, 0};
  for (int k = 0; k < DEGREES; k++) numberRoom[k] = -1;
  for (int f = 0; f <= FLOWS; f++)
    for (int k = 0; k < DEGREES; k++) sequences[f].recent[k] = sequences[f].top[k % 3] = -1;
  for (int k = 0; k < LANES; k++) lanes[k].tail = HEAD(&lanes[k]), *lanes[k].tail = NEVER;

  double warmupNs = warmupRatio * packets * meanGapNs, sampleFromNs = 0, sampleToNs = 0;
  int warm = warmupRatio > 0;
  beginSample();
  if (warm) firstOfSample = UINT32_MAX / 2; /* not yet */
  for (uint64_t left = (uint64_t)packets; left;) {
    int count = left < BLOCK ? (int)left : BLOCK, from = 0;
    left -= (uint64_t)count;
    draw();
    if (sentPackets - oldest() > RING - BLOCK) fail("more packets between first and last in a lane than are remembered");
    if (warm && arrivalNs[count - 1] >= warmupNs) {
      while (arrivalNs[from] < warmupNs) from++;
      if (plain) plainServe(0, from);
      else serve(0, from);
      beginSample();
      warm = 0, sampleFromNs = arrivalNs[from];
    }
    sampleToNs = arrivalNs[count - 1];
    if (plain) {
      plainServe(from, count);
      if (!left) plainDepartures(NEVER);
      continue;
    }
    serve(from, count);
    uint32_t departed = depart(left ? keyOf(sampleToNs, 0) : NEVER);
    if (firstOfSample && sentPackets < firstOfSample + (1u << NUMBER_BITS)) departed = withoutWarmup(departed);
    judge(departed);
  }
  double seconds = secondsOf(CLOCK_MONOTONIC) - started, cpuSeconds = secondsOf(CLOCK_PROCESS_CPUTIME_ID);

  printf("packets %llu\ndelivered %llu\n", (unsigned long long)offered, (unsigned long long)flowOrder.delivered);
  printOrder("", &flowOrder);
  printOrder("tunnel.", &tunnelOrder);
  printf("latencyNsMean %.9g\nlatencyNsP50 %.9g\nlatencyNsP99 %.9g\nlatencyNsP999 %.9g\nlatencyNsMax %.9g\n",
    (double)latencyNs.sum / (double)latencyNs.count, percentile(&latencyNs, 0.5), percentile(&latencyNs, 0.99),
    percentile(&latencyNs, 0.999), (double)latencyNs.max);
  for (int f = 0; f < FLOWS; f++) firstSeen -= table[f].lane == LANES;
  printf("flowMoves %.9g\ntunQueueDropRatio 0\nlaneDropRatio %.9g\n", (double)(moves - firstSeen) / (double)offered,
    (double)drops / (double)offered);
  for (int k = 0; k < LANES; k++) printf("laneUtilization[%d] %.9g\n", k, lanes[k].busyNs / (sampleToNs - sampleFromNs));
  printf("seconds %.4f\ncpuSeconds %.4f\npacketsPerSecond %.0f\n", seconds, cpuSeconds, packets / seconds);
  return 0;
}
