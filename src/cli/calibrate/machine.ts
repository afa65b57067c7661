/**
 * The work of `lanewise calibrate --machine`: measures this machine, in a network namespace of its own where
 * there can be one, prints what it found and writes it as a calibration.
 */
import { createHash } from 'node:crypto'
import path from 'node:path'
import { UserError } from '../../errors.ts'
import { askForDevices } from '../../live/device/device-server.ts'
import { dieWithOther, dieWithParent, namespaceArguments, Obstacle } from '../../live/device/namespace.ts'
import { openHere } from '../../live/device/opener.ts'
import { measureMachine } from '../../live/machine/machine.ts'
import { machineCalibration } from '../../live/machine/machine-calibration.ts'
import { makeFolders } from '../../node/files/disk.ts'
import { MACHINE, machineFile } from '../../node/machine-file.ts'
import { machineData, machineTable } from '../../report/calibrate/machine-table.ts'
import { jsonText } from '../../report/parts/json.ts'
import { inNamespace } from '../process/own-namespace.ts'
import { interrupted, isInterrupted, type ProcessIo, remark, show, widthOf } from '../shared/process-io.ts'
import { type CalibrateOptions, type CheckedMachine, checkMachine } from './options.ts'
import { checkTarget, writeCalibration } from './target.ts'

const NOTHING_WRITTEN = 'nothing is measured'

/** Does the work; resolves to the exit code. Throws UserError. */
export async function calibrateMachine(
  files: readonly string[],
  options: CalibrateOptions,
  io: ProcessIo,
): Promise<number> {
  const checked = checkMachine(files, options)
  checkTarget(options.output ?? machineFile(), [], options.output === undefined)
  const { isolated } = io
  if (isolated?.devices !== undefined) dieWithParent(isolated.by, 'calibrate')
  else if (isolated !== undefined) dieWithOther(isolated.by, 'calibrate')
  const withoutTun = isolated === undefined ? obstacle() : undefined
  if (isolated === undefined && withoutTun === undefined) {
    return await inNamespace(io, { nothing: NOTHING_WRITTEN })
  }
  if (withoutTun !== undefined && !options.quiet) remark(`no TUN write is measured: ${withoutTun}`, io.stderr)
  try {
    return await measured(options, checked, withoutTun, io)
  } catch (error) {
    if (isInterrupted(io.signal)) return interrupted(NOTHING_WRITTEN, io.stderr, io.signal)
    throw error
  }
}

/** Why there can be no TUN device, and the cure; undefined where there can. */
function obstacle(): string | undefined {
  try {
    namespaceArguments()
    return undefined
  } catch (error) {
    if (error instanceof Obstacle) return error.plain
    throw error
  }
}

async function measured(
  options: CalibrateOptions,
  { cipher, lengthNs, format }: CheckedMachine,
  withoutTun: string | undefined,
  io: ProcessIo,
): Promise<number> {
  const { stdout, stderr, signal, isolated } = io
  const devices = isolated?.devices
  const opener = devices === undefined ? openHere : askForDevices(devices)
  const machine = await measureMachine({
    lengthNs,
    opener: withoutTun === undefined ? opener : undefined,
    signal,
  })
  const text = jsonText(machineCalibration(machine, cipher, withoutTun))
  const file = options.output ?? machineFile()
  write(file, text, options.output === undefined)
  if (format === 'json') {
    const sha256 = createHash('sha256').update(text).digest('hex')
    show(jsonText(machineData(machine, { file, sha256 })), format, io)
  } else show(machineTable(machine, widthOf(stdout)), format, io)
  const name = options.output ?? MACHINE
  if (!options.quiet) remark(`written to ${file} - use it with --calibration ${name}`, stderr)
  return 0
}

/** @param isOurs the folder is lanewise's own, and made where it isn't there */
function write(file: string, text: string, isOurs: boolean): void {
  if (isOurs) {
    try {
      makeFolders(path.dirname(file))
    } catch (error) {
      throw new UserError(
        `${path.dirname(file)}: can't be made (${(error as Error).message}) - name a file with -o`,
      )
    }
  }
  writeCalibration(file, text)
}
