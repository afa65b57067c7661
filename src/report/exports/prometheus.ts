/**
 * A measurement for Prometheus: the text format that node_exporter's textfile collector reads, every number a
 * gauge in base units (seconds, bytes, ratios), its name made of the metric's with the unit last, what stands
 * in brackets as a label. Unknown values are left out. Source: prometheus.io, exposition formats (text-based
 * format) and metric naming; node_exporter, textfile collector.
 */
import type { Measurement } from '../../measure/measurement.ts'
import { metricInfo } from '../../metrics/catalogue/catalogue.ts'

interface Family {
  readonly help: string
  readonly samples: string[]
}

type Labels = Readonly<Record<string, string>>

export function measurementPrometheus({
  title,
  records,
  packets,
  flows,
  counts,
  gates,
}: Measurement): string {
  const families = new Map<string, Family>()
  const add = (name: string, help: string, value: number | null | undefined, labels: Labels = {}) => {
    if (value === null || value === undefined || Number.isNaN(value)) return
    const family = families.get(name) ?? { help, samples: [] }
    families.set(name, family)
    family.samples.push(`${name}${labelsText({ capture: title, ...labels })} ${numberText(value)}`)
  }
  const states = { ...packets, duplicated: counts.duplicated }
  for (const [state, value] of Object.entries(states))
    add('lanewise_packets', 'packets by what became of them; rewritten ones arrived', value, { state })
  add('lanewise_flows', 'flows of which a packet arrived', flows)
  for (const [metric, { mean }] of Object.entries(records[0].metrics)) {
    const { name, divisor, labels } = nameOf(metric)
    add(name, metricInfo(metric)?.description ?? metric, mean === null ? null : mean / divisor, labels)
  }
  for (const { gate, isKept } of gates)
    add('lanewise_gate_kept', '1 where the limit of the gate is kept, else 0', Number(isKept), { gate })
  return [...families].map(([name, { help, samples }]) => familyText(name, help, samples)).join('')
}

function familyText(name: string, help: string, samples: readonly string[]): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return `# HELP ${name} ${escaped}\n# TYPE ${name} gauge\n${samples.map((one) => `${one}\n`).join('')}`
}

/** `tunnel.lateTimeNsP99` is lanewise_tunnel_late_time_p99_seconds; of `nReordering[3]` 3 is a label. */
function nameOf(metric: string): { name: string; divisor: number; labels: Labels } {
  const [, plain, index] = /^(.*?)(?:\[([^\]]*)\])?$/.exec(metric)!
  const unit = metricInfo(metric)?.unit
  const base = unit === 'ns' ? 'seconds' : unit === 'bytes' || unit === 'ratio' ? unit : undefined
  const written = { seconds: 'Ns', bytes: 'Bytes', ratio: 'Ratio' }
  const without = base === undefined ? plain! : plain!.replace(written[base], '')
  const words = without
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase()
  const name = ['lanewise', words, base].filter((part) => part !== undefined).join('_')
  return { name, divisor: unit === 'ns' ? 1e9 : 1, labels: index === undefined ? {} : { index } }
}

function labelsText(labels: Labels): string {
  const texts = Object.entries(labels).map(([name, value]) => {
    const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    return `${name}="${escaped}"`
  })
  return `{${texts.join(',')}}`
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}
