/**
 * What a policy is called across the points of a scan. A scan of its parameter gives it another label at
 * every point; its column in a table and its line in a chart keep one name: the scenario's own label without
 * what is scanned.
 */

interface Scanned {
  readonly path: string
}

/**
 * The names of a point's policies, in their order.
 * @param labels of the scenario without the scan
 * @param atPoint labels at the point; where they aren't those of the scenario with other parameters, they are
 * the names
 */
export function lineNames(
  labels: readonly string[],
  scan: readonly Scanned[],
  atPoint: readonly string[],
): string[] {
  const names = atPoint.map((own, i) => {
    const base = labels[i]
    const parameters = scannedParameters(scan, i, nameOf(own))
    const isSame = atPoint.length === labels.length && base !== undefined && nameOf(own) === nameOf(base)
    if (!isSame || parameters === undefined) return own
    return without(base, parameters)
  })
  // Two policies of one name that only differ in what is scanned: by their places in the scenario's list.
  return names.map((name, i) => {
    return names.indexOf(name) === i && names.lastIndexOf(name) === i ? name : `${name} (policies.${i})`
  })
}

/**
 * Parameters of the policy at this place that the scan varies; undefined where it varies the policy itself.
 */
function scannedParameters(scan: readonly Scanned[], index: number, name: string): string[] | undefined {
  const found: string[] = []
  for (const { path } of scan) {
    const [key, place, ...steps] = path.split('.')
    if (key !== 'policies' || (place !== undefined && Number(place) !== index)) continue
    const parameter = steps[0] === name ? steps[1] : steps[0]
    if (parameter === undefined) return undefined
    found.push(parameter)
  }
  return found
}

function without(label: string, parameters: readonly string[]): string {
  const name = nameOf(label)
  const kept = label
    .slice(name.length + 1)
    .split(/,(?=[\w-]+=)/)
    .filter((item) => item !== '' && !parameters.includes(item.split('=')[0]!))
  return kept.length === 0 ? name : `${name}:${kept.join(',')}`
}

function nameOf(label: string): string {
  return label.split(':')[0]!
}
