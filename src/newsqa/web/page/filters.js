// The filters: what is chosen, how many articles it leaves, and the timeline that sets the days.
(() => {
  'use strict';
  const { $, $$, actions, dayWords, element, fetchPiece, fill, onClick, say, trouble } = window.newsqa;

  function chosenFilter() {
    const content = $('#nq-filters-content');
    return {
      since: $('[name=since]', content)?.value || null,
      until: $('[name=until]', content)?.value || null,
      as_of: $('[name=as_of]', content)?.value || null,
      sources: $$('[name=source]:checked', content).map((el) => el.value),
    };
  }

  const DAYS = ['since', 'until', 'as_of'];

  function filterParameters(chosen = chosenFilter()) {
    const parameters = new URLSearchParams();
    for (const name of DAYS) if (chosen[name]) parameters.set(name, chosen[name]);
    for (const source of chosen.sources) parameters.append('sources', source);
    return parameters;
  }

  function filterWords(chosen) {
    const parts = DAYS.filter((name) => chosen[name]).map((name) => say(name, { day: dayWords(chosen[name]) }));
    if (chosen.sources.length) parts.push(chosen.sources.join(', '));
    return parts.join(' · ');
  }

  function showSet() {
    const words = filterWords(chosenFilter());
    $('#nq-filters-set').textContent = words;
    $$('.nq-set').forEach((el) => { el.textContent = words || el.dataset.none; });
  }

  // The framework's field, which goes with a question.
  function putFilter() {
    const field = $('#nq-filter :is(textarea, input)');
    const chosen = chosenFilter();
    const wanted = filterWords(chosen) && JSON.stringify(chosen);
    if (field && field.value !== wanted) fill(field, wanted);
  }

  function keepFilter() {
    showSet();
    putFilter();
    showCoverage();
    document.dispatchEvent(new Event('nq-filter'));
  }

  async function showCoverage() {
    const chosen = chosenFilter();
    const wanted = showCoverage.wanted = {};
    const response = await fetch(`/page/coverage?${filterParameters(chosen)}`).catch(() => null);
    if (!response || showCoverage.wanted !== wanted || !$('#nq-remain')) return;
    const { remaining, timeline } = response.ok ? await response.json()
      : { remaining: response.status === 422 ? say('wrong_dates') : say('not_shown', { why: trouble(response) }) };
    $('#nq-remain').textContent = remaining;
    if (timeline === undefined) return;
    const focused = $('#nq-timeline').contains(document.activeElement);
    $('#nq-timeline').innerHTML = timeline;
    if (focused) ($('.nq-time[aria-pressed=true]') || $('.nq-time'))?.focus();
  }

  function setDates(since, until) {
    $('#nq-filters-content [name=since]').value = since;
    $('#nq-filters-content [name=until]').value = until;
    keepFilter();
  }

  function pickTime(bar) {
    const { since, until } = bar.getAttribute('aria-pressed') === 'true' ? { since: '', until: '' } : bar.dataset;
    setDates(since, until);
  }

  function resetFilter() {
    $$('#nq-filters-content input').forEach((el) => {
      if (el.type === 'checkbox') el.checked = false; else el.value = '';
    });
    if ($('#nq-outlet-find')) findOutlets('');
    keepFilter();
  }

  // Of many outlets only some are drawn; what is chosen stays, whatever is looked for.
  async function findOutlets(words) {
    const wanted = findOutlets.wanted = {};
    const { ok, html } = await fetchPiece('outlets', { contains: words });
    const place = $('#nq-boxes');
    if (!ok || !place || findOutlets.wanted !== wanted) return;
    const chosen = $$(':checked', place).map((el) => el.closest('label'));
    place.innerHTML = html;
    for (const label of chosen) boxOf($('input', label).value)?.closest('label').remove();
    place.prepend(...chosen);
  }

  const boxOf = (source) => $$('#nq-boxes [name=source]').find((el) => el.value === source);

  function drawOutlet(source) {
    const label = element('label');
    const box = element('input');
    Object.assign(box, { type: 'checkbox', name: 'source', value: source });
    label.append(box, ' ', element('bdi', source));
    $('#nq-boxes')?.prepend(label);
  }

  function setFilter(wanted) {
    for (const name of DAYS) {
      const field = $(`#nq-filters-content [name=${name}]`);
      if (field) field.value = wanted[name] ?? '';
    }
    for (const source of wanted.sources) if (!boxOf(source)) drawOutlet(source);
    $$('#nq-filters-content [name=source]').forEach((el) => { el.checked = wanted.sources.includes(el.value); });
    keepFilter();
  }

  async function drawFilters() {
    const { ok, html } = await fetchPiece('filters');
    const content = $('#nq-filters-content');
    if (!ok || !content) return;
    const before = chosenFilter();
    content.innerHTML = html;
    setFilter(before);
  }

  actions.reset = resetFilter;

  // Put right as it is sent: a link was once asked without its day, its field empty by then.
  for (const sent of ['keypress', 'click']) {
    document.addEventListener(sent, (event) => { if (event.target.closest?.('#nq-question')) putFilter(); }, true);
  }

  onClick.push((at) => {
    const bar = at('.nq-time');
    if (bar) pickTime(bar);
    return Boolean(bar);
  });

  document.addEventListener('change', (event) => {
    if (event.target.name && event.target.closest('#nq-filters-content')) keepFilter();
  });
  document.addEventListener('input', (event) => {
    if (event.target.id === 'nq-outlet-find') findOutlets(event.target.value);
  });

  Object.assign(window.newsqa, { drawFilters, filterParameters, filterWords, setFilter, showSet });
})();
