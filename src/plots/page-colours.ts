/**
 * The colours of charts on a dark page: each colour that charts use on white has a partner here, as different
 * from its neighbours, on black. The page swaps them in its style sheet, by the attributes that Vega writes,
 * so nothing is drawn again when the scheme changes, and what is printed or saved stays as it is on paper.
 */

export const DARK_PAGE = '#15171b'

/** By the colour on white; what isn't here stays. */
export const DARK: Readonly<Record<string, string>> = {
  white: DARK_PAGE,
  '#ffffff': DARK_PAGE,
  '#000000': '#ffffff',
  '#111111': '#f4f4f4',
  '#222222': '#e6e6e6',
  '#555555': '#b4b8be',
  '#888888': '#8b9097',
  '#999999': '#8b9097',
  '#e4e4e4': '#33373d',
  // Policies and lines, see policy-styles.ts.
  '#0072B2': '#3d94d6',
  '#D55E00': '#f0803c',
  '#009E73': '#2cc296',
  '#CC79A7': '#e09cc3',
  '#E69F00': '#f2b632',
  '#56B4E9': '#92d4fb',
  '#5B5B5B': '#b3b3b3',
}

/** The style sheet's part about charts. */
export function darkRules(): string {
  const rules = Object.entries(DARK).flatMap(([light, dark]) =>
    ['fill', 'stroke'].map((name) => `  svg [${name}="${light}"] {\n    ${name}: ${dark};\n  }`),
  )
  return `@media screen and (prefers-color-scheme: dark) {\n${rules.join('\n')}\n}\n`
}
