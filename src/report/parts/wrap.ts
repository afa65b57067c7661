/** Text in lines of a terminal's width. */

/** The words of a sentence in lines of at most `width`; the first line may have another width. */
export function wrap(text: string, width: number, firstWidth: number = width): string[] {
  return fill(text.split(' '), ' ', width, firstWidth)
}

/**
 * Breaks a label at spaces, and a word of it behind colons and commas; what is still too long behind hyphens,
 * and else anywhere.
 */
export function wrapLabel(
  label: string,
  width: number,
  at: RegExp = /(?<=[:,])/,
  elseAt: RegExp = /(?<=-)/,
): string[] {
  const lines = label.split(' ').flatMap((word) => {
    const pieces = word
      .split(at)
      .flatMap((piece) => (piece.length > width ? piece.split(elseAt) : [piece]))
      .flatMap((piece) => piece.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [])
    return fill(pieces, '', width)
  })
  return fill(lines, ' ', width)
}

/** Pieces joined into lines; a piece longer than a line has one of its own. */
export function fill(
  pieces: readonly string[],
  between: string,
  width: number,
  firstWidth: number = width,
): string[] {
  const lines: string[] = []
  for (const piece of pieces) {
    const last = lines.at(-1)
    const room = lines.length === 1 ? firstWidth : width
    if (last !== undefined && last.length + between.length + piece.length <= room) {
      lines[lines.length - 1] = `${last}${between}${piece}`
    } else lines.push(piece)
  }
  return lines
}
