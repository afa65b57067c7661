/** Test support: what of notebooks is compared. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from '../../built.testing.ts'

export interface Output {
  readonly output_type: string
  readonly data?: Readonly<Record<string, unknown>>
}
export interface Cell {
  readonly cell_type: string
  readonly execution_count?: number | null
  readonly metadata: { readonly tags?: readonly string[] }
  readonly outputs?: readonly Output[]
}

export const notebookFolder = join(repository, 'notebooks')
export const notebookNames = readdirSync(notebookFolder).filter((file) => file.endsWith('.ipynb'))

export const codeCells = (path: string) =>
  (JSON.parse(readFileSync(path, 'utf8')) as { cells: Cell[] }).cells.filter(
    ({ cell_type }) => cell_type === 'code',
  )
export const outputsOf = (cells: readonly Cell[]) => cells.flatMap(({ outputs }) => outputs ?? [])
