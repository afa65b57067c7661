/** What an arrivals CSV says of the system that it was measured on, to stand beside what is predicted. */
import { readArrivals } from '../../measure/arrivals/arrivals-file.ts'
import { judge } from '../../measure/judge.ts'
import { measuredRun, readSentArrivals } from '../../measure/sent-run.ts'
import type { ArrivalsFacts } from '../../report/comparison/report.ts'
import type { LoadedScenario } from '../../scenario/loaded-scenario.ts'
import { metricSettings } from '../../scenario/schema/assume.ts'
import { listed } from '../../traffic/capture/capture-files.ts'

/**
 * undefined where the scenario's source is none. By the file's own numbers; by its times where it has no
 * numbers. Throws a UserError where it can't be read.
 */
export async function factsOf({
  scenario,
  capturePath,
}: Pick<LoadedScenario, 'scenario' | 'capturePath'>): Promise<ArrivalsFacts | undefined> {
  const { source, assume } = scenario
  if (!('arrivals' in source)) return undefined
  const path = listed(capturePath!)[0]!
  const sent = await readSentArrivals(path, source.arrivals)
  const { hasAddresses, isNumbered, lost, rewritten } = sent
  const measured = isNumbered ? await readArrivals(path, source.arrivals) : measuredRun(sent)
  const judged =
    measured &&
    judge(measured, {
      worstFlows: 0,
      settings: (judgesAll, smallestDelayNs) => metricSettings(assume, judgesAll, smallestDelayNs),
    })
  const known = Object.entries(judged?.metrics ?? {}).flatMap(([name, { mean }]) =>
    mean === null ? [] : [[name, mean] as const],
  )
  return {
    measured: judged === undefined ? null : Object.fromEntries(known),
    lost: lost ?? judged?.counts.lost ?? null,
    rewritten,
    addresses: hasAddresses ? 'given' : 'made-up',
  }
}
