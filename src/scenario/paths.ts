/**
 * Paths of files as text, with `/` between their parts: what a scenario's names and captures need of them.
 */

/** What follows the last `/`. */
export function baseName(path: string): string {
  const parts = path.split('/').filter((part) => part !== '')
  return parts.at(-1) ?? ''
}

/** The name without what follows its last dot, unless it begins with that. */
export function withoutExtension(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot > 0 && name !== '..' ? name.slice(0, dot) : name
}

/** The relative path `path` of a file in the folder of `file`, without detours. */
export function beside(file: string, path: string): string {
  const folder = file.split('/').slice(0, -1)
  const isAbsolute = folder[0] === '' && folder.length > 0
  const kept: string[] = []
  for (const part of [...folder, ...path.split('/')]) {
    if (part === '' || part === '.') continue
    if (part !== '..') kept.push(part)
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (!isAbsolute) kept.push(part)
  }
  const end = path.endsWith('/') && (kept.length > 0 || !isAbsolute) ? '/' : ''
  return `${isAbsolute ? '/' : ''}${kept.join('/') || (isAbsolute ? '' : '.')}${end}`
}
