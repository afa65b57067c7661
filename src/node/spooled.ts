/**
 * Inputs that were pipes: what a name on the command line stands for once its bytes are in a temporary file.
 * Whoever opens an input asks here (bundled.ts), so that it may be read as often as any file, and is called
 * by its own name.
 */

const paths = new Map<string, string>()

/** Makes `name` stand for the file at `path`; returns what takes that back. */
export function addSpooled(name: string, path: string): () => void {
  paths.set(name, path)
  return () => paths.delete(name)
}

/** Where the bytes of an input are: the path itself for all that weren't pipes. */
export function spooledPath(name: string): string {
  return paths.get(name) ?? name
}

/** What an input is called that is read from here. */
export function spooledName(path: string): string {
  for (const [name, spool] of paths) if (spool === path) return name
  return path
}
