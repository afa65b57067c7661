/**
 * What the HTML report does in a browser: draws the charts, switches policies on and off in all of them, selects
 * policies by a brush in the trade-off chart, sorts tables. Inlined by src/plots/page.ts, with the charts as JSON.
 */
;(() => {
  const charts = JSON.parse(document.getElementById('charts').textContent)
  const boxes = [...document.querySelectorAll('input[data-policy]')]
  const views = []
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
    return Promise.all(views.map(({ view }) => view.signal('hidden', labels).runAsync()))
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

  async function draw() {
    for (const { name, spec, brush } of charts) {
      const { view } = await vegaEmbed(`#chart-${name}`, spec, embedding)
      views.push({ name, view })
      if (!brush) continue
      let latest
      view.addSignalListener(brush, (_, ranges) => {
        latest = ranges
      })
      // Only when the mouse is let go, so that points don't vanish under the brush.
      document.getElementById(`chart-${name}`).addEventListener('pointerup', () => {
        if (latest === undefined) return
        const ranges = latest
        latest = undefined
        brushed(spec.data.values, ranges)
      })
    }
    document.body.dataset.drawn = String(views.length)
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
  draw().catch((error) => {
    document.getElementById('failure').textContent = `The charts can't be drawn: ${error.message}`
  })
})()
