/**
 * What the HTML report does in a browser: draws the charts as wide as there is room, switches policies on and off
 * in all of them, selects policies by a brush in the trade-off chart, sorts tables. Inlined by src/plots/page.ts, with the charts as JSON.
 */
;(() => {
  const charts = JSON.parse(document.getElementById('charts').textContent)
  const boxes = [...document.querySelectorAll('input[data-policy]')]
  /** Charts are made for this width; where there is less they get narrower, but not below the least. */
  const DESIGN_PIXELS = 800
  const PANEL_PIXELS_MIN = 150
  const SLACK_PIXELS = 4
  /** Columns of a legend leave some room. */
  const LEGEND_SLACK = 0.3
  let views = []
  let drawnFor = 0
  const embedding = {
    ast: true,
    renderer: 'svg',
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true },
    actions: { export: true, source: false, compiled: false, editor: false },
  }

  function hidden() {
    return boxes.filter((box) => !box.checked).map((box) => box.dataset.policy)
  }

  function showSelection() {
    const labels = hidden()
    for (const row of document.querySelectorAll('tr[data-policy]')) {
      row.classList.toggle('switched-off', labels.includes(row.dataset.policy))
    }
    return Promise.all(
      views.map(({ view, shown }) => {
        const rest = shown.filter((label) => !labels.includes(label))
        return view.signal('hidden', labels).signal('shown', rest).runAsync()
      }),
    )
  }

  function select(isChosen) {
    for (const box of boxes) box.checked = isChosen(box.dataset.policy, box.checked)
    return showSelection()
  }

  /** Policies whose point is in the brush's rectangle; all of them when there is none. */
  function brushed(rows, ranges) {
    const entries = Object.entries(ranges ?? {})
    const between = (value, [a, b]) => value >= Math.min(a, b) && value <= Math.max(a, b)
    const inside = rows.filter((row) => entries.every(([field, range]) => between(row[field], range)))
    const labels = new Set(inside.map((row) => row.policy))
    select((policy) => labels.size === 0 || labels.has(policy))
  }

  /** Less legend columns, deep inside, for this share of the width. */
  function withNarrowLegends(part, share) {
    if (typeof part !== 'object' || part === null) return part
    if (Array.isArray(part)) return part.map((inner) => withNarrowLegends(inner, share))
    const narrow = { ...part }
    for (const [key, value] of Object.entries(part)) {
      if (key === 'data') continue
      narrow[key] = withNarrowLegends(value, share)
      if (key === 'legend' && value?.columns) {
        narrow.legend = { ...value, columns: Math.max(1, Math.floor(value.columns * share + LEGEND_SLACK)) }
      }
    }
    return narrow
  }

  /** The specification for so many pixels: fewer panels side by side, each as wide as there is room. */
  function fitted(spec, room) {
    if (room >= DESIGN_PIXELS) return spec
    const narrow = withNarrowLegends(spec, room / DESIGN_PIXELS)
    const before = spec.columns ?? 1
    const columns = Math.max(1, Math.min(before, Math.floor((room * before) / DESIGN_PIXELS)))
    const width = (panel) => {
      // What is beside the plotting area is as wide as it was: labels and titles.
      const beside = DESIGN_PIXELS / before - panel.width
      const own = before === columns ? panel.width : Number.POSITIVE_INFINITY
      return Math.max(PANEL_PIXELS_MIN, Math.min(own, Math.floor(room / columns - beside)))
    }
    const resized = (panel) => ({ ...panel, width: width(panel) })
    if (spec.spec) return { ...narrow, columns, spec: resized(narrow.spec) }
    if (spec.concat) return { ...narrow, columns, concat: narrow.concat.map(resized) }
    return resized(narrow)
  }

  async function embed(name, spec, room) {
    const box = document.getElementById(`chart-${name}`)
    let { view } = await vegaEmbed(box, fitted(spec, room), embedding)
    // Labels beside the plot can be wider than was thought; what can't get narrower scrolls in its box.
    const excess = Math.ceil(box.querySelector('svg').getBoundingClientRect().width - room)
    if (excess > 0 && excess <= room / 3) {
      view.finalize()
      view = (await vegaEmbed(box, fitted(spec, room - excess - SLACK_PIXELS), embedding)).view
    }
    // The page shines through; what is saved has its paper.
    box.querySelector('svg').style.removeProperty('background-color')
    return view
  }

  async function draw() {
    for (const { view } of views) view.finalize()
    views = []
    for (const { name, spec, shown, brush } of charts) {
      const room = document.getElementById(`chart-${name}`).clientWidth
      drawnFor = room
      const view = await embed(name, spec, room)
      views.push({ name, view, shown })
      if (!brush) continue
      let latest
      view.addSignalListener(brush, (_, ranges) => {
        latest = ranges
      })
      // Only when the mouse is let go, so that points don't vanish under the brush.
      document.getElementById(`chart-${name}`).onpointerup = () => {
        if (latest === undefined) return
        const ranges = latest
        latest = undefined
        brushed(spec.data.values, ranges)
      }
    }
    await showSelection()
    document.body.dataset.drawn = String(views.length)
  }

  function fail(error) {
    document.getElementById('failure').textContent = `The charts can't be drawn: ${error.message}`
  }

  /** Once the window has kept its size for a moment, and only where charts would change. */
  let waiting
  function resized() {
    clearTimeout(waiting)
    waiting = setTimeout(() => {
      const room = document.querySelector('.chart')?.clientWidth ?? drawnFor
      if (Math.min(room, DESIGN_PIXELS) !== Math.min(drawnFor, DESIGN_PIXELS)) draw().catch(fail)
    }, 200)
  }

  function sortBy(button) {
    const head = button.closest('th')
    const table = head.closest('table')
    const column = [...head.parentElement.children].indexOf(head)
    const order = head.getAttribute('aria-sort') === 'ascending' ? 'descending' : 'ascending'
    for (const other of head.parentElement.children) other.removeAttribute('aria-sort')
    head.setAttribute('aria-sort', order)
    const sign = order === 'ascending' ? 1 : -1
    const value = (row) => row.children[column].dataset.value ?? row.children[column].textContent
    const compare = (a, b) => {
      // What isn't known is always last.
      if (a === '' || b === '') return Number(a === '') - Number(b === '')
      const difference = Number(a) - Number(b)
      return sign * (Number.isNaN(difference) ? a.localeCompare(b) : difference)
    }
    const rows = [...table.tBodies[0].rows].sort((a, b) => compare(value(a), value(b)))
    table.tBodies[0].append(...rows)
  }

  for (const box of boxes) box.addEventListener('change', showSelection)
  document.getElementById('all')?.addEventListener('click', () => select(() => true))
  document.getElementById('none')?.addEventListener('click', () => select(() => false))
  for (const button of document.querySelectorAll('th button')) {
    button.addEventListener('click', () => sortBy(button))
  }
  window.addEventListener('resize', resized)
  draw().catch(fail)
})()
