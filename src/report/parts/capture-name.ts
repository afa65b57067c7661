/** A scenario's capture as reports name it. */

export function captureName(capture: string | readonly string[]): string {
  const files = [capture].flat()
  return files.length === 1 ? files[0]! : `${files.length} files as one capture`
}
