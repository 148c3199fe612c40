// What the page does besides asking: opens articles, keeps filters, adds and removes articles.
// Text that is not ours is set as textContent, or comes escaped from the server.
(() => {
  'use strict';
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
  const typing = (el) => el && /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName);

  async function fetchPiece(path, parameters = {}) {
    const response = await fetch(`/page/${path}?${new URLSearchParams(parameters)}`);
    return { ok: response.ok, html: await response.text() };
  }

  // -- asking --

  const box = () => $('#nq-question textarea');

  function fill(field, value) {
    // Through the native setter, so that the framework notices.
    const kind = field.tagName === 'TEXTAREA' ? HTMLTextAreaElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(kind.prototype, 'value').set.call(field, value);
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }

  function ask(question) {
    const field = box();
    if (!field) return;
    fill(field, question);
    field.focus();
    requestAnimationFrame(() => field.dispatchEvent(
      new KeyboardEvent('keypress', { key: 'Enter', bubbles: true, cancelable: true })));
  }

  // -- reading --

  let opener = null;

  async function openArticle(chip) {
    const { article, version, start, end } = chip.dataset;
    opener = chip;
    $$('.nq-chip.is-open').forEach((el) => el.classList.remove('is-open'));
    chip.classList.add('is-open');
    const turn = chip.closest('.nq-turn');
    const also = $$('.nq-chip', turn || undefined)
      .filter((el) => el !== chip && el.dataset.article === article && el.dataset.version === version)
      .map((el) => `${el.dataset.start}-${el.dataset.end}`).join(',');
    document.body.classList.add('nq-reading-open');
    const { html } = await fetchPiece('article', { id: article, version, start, end, also });
    if (opener !== chip) return;
    $('#nq-reader-content').innerHTML = html;
    showMark();
  }

  function showMark() {
    const pane = $('#nq-reader');
    const mark = $('#nq-mark', pane) || $('mark', pane);
    if (!mark) { pane.scrollTop = 0; pane.focus({ preventScroll: true }); return; }
    const head = $('.nq-article header', pane);
    const top = mark.getBoundingClientRect().top - pane.getBoundingClientRect().top + pane.scrollTop;
    const room = (head ? head.offsetHeight : 0) + 24;
    pane.scrollTo({ top: top - Math.max(room, pane.clientHeight * 0.3), behavior: calm() ? 'auto' : 'smooth' });
    mark.tabIndex = -1;
    mark.focus({ preventScroll: true });
  }

  function closeArticle() {
    document.body.classList.remove('nq-reading-open');
    if (opener && opener.isConnected) opener.focus();
  }

  // -- filters --

  function chosenFilter() {
    const content = $('#nq-filters-content');
    return {
      since: $('[name=since]', content)?.value || null,
      until: $('[name=until]', content)?.value || null,
      sources: $$('[name=source]:checked', content).map((el) => el.value),
    };
  }

  function keepFilter() {
    const chosen = chosenFilter();
    const parts = [];
    if (chosen.since) parts.push(`from ${chosen.since}`);
    if (chosen.until) parts.push(`to ${chosen.until}`);
    if (chosen.sources.length) parts.push(chosen.sources.join(', '));
    $('#nq-filters-set').textContent = parts.join(' · ');
    const field = $('#nq-filter textarea') || $('#nq-filter input');
    if (field) fill(field, parts.length ? JSON.stringify(chosen) : '');
  }

  function resetFilter() {
    $$('#nq-filters-content input').forEach((el) => {
      if (el.type === 'checkbox') el.checked = false; else el.value = '';
    });
    keepFilter();
  }

  // -- the index --

  async function refresh() {
    const [about, filters] = await Promise.all([fetchPiece('about'), fetchPiece('filters')]);
    if (about.ok) $('#nq-about').innerHTML = about.html;
    if (filters.ok && $('#nq-filters-content')) {
      const before = chosenFilter();
      $('#nq-filters-content').innerHTML = filters.html;
      for (const name of ['since', 'until']) {
        const field = $(`#nq-filters-content [name=${name}]`);
        if (field && before[name]) field.value = before[name];
      }
      $$('#nq-filters-content [name=source]').forEach((el) => { el.checked = before.sources.includes(el.value); });
    }
  }

  async function showExamples() {
    const { ok, html } = await fetchPiece('examples');
    if (ok && $('#nq-examples')) $('#nq-examples').innerHTML = html;
  }

  // -- listening --

  document.addEventListener('click', (event) => {
    const at = (selector) => event.target.closest && event.target.closest(selector);
    const chip = at('.nq-chip');
    if (chip) { event.preventDefault(); openArticle(chip); return; }
    const example = at('[data-ask]');
    if (example) { ask(example.dataset.ask); return; }
    const action = at('[data-action]')?.dataset.action;
    if (action === 'close') closeArticle();
    if (action === 'reset') resetFilter();
    if (action === 'theme') {
      const dark = document.body.classList.toggle('dark');
      try { localStorage.setItem('nq-theme', dark ? 'dark' : 'light'); } catch { /* private mode */ }
    }
    // Beside the sheet, on a phone.
    if (document.body.classList.contains('nq-reading-open') && !at('#nq-reader') && innerWidth <= 900) closeArticle();
  });

  document.addEventListener('change', (event) => {
    if (event.target.closest('#nq-filters-content')) keepFilter();
  });

  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && document.body.classList.contains('nq-reading-open')) closeArticle();
    if (event.key === '/' && !typing(document.activeElement) && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      box()?.focus();
    }
  });

  // -- what changes by itself --

  function announce(words) {
    const live = $('#nq-live');
    if (live) live.textContent = words;
  }

  let lastState = '';
  function threadChanged() {
    const turn = $$('#nq-thread .nq-turn').at(-1);
    if (!turn) return;
    const state = `${turn.dataset.turn} ${turn.getAttribute('aria-busy')}`;
    if (state === lastState) return;
    const isNew = !lastState.startsWith(`${turn.dataset.turn} `);
    lastState = state;
    if (isNew) turn.scrollIntoView({ block: 'start', behavior: calm() ? 'auto' : 'smooth' });
    if (turn.getAttribute('aria-busy')) return;
    const quote = $('.nq-lead blockquote p', turn);
    if (quote) announce(`${quote.textContent} ${$('.nq-lead figcaption', turn).textContent}`);
  }

  function begin() {
    const thread = $('#nq-thread');
    thread.setAttribute('role', 'log');
    thread.setAttribute('aria-label', 'Conversation');
    thread.setAttribute('aria-live', 'off');
    const live = document.createElement('div');
    live.id = 'nq-live'; live.className = 'nq-sr'; live.setAttribute('aria-live', 'polite');
    document.body.append(live);
    new MutationObserver(threadChanged).observe(thread, { childList: true, subtree: true });
    try {
      const theme = localStorage.getItem('nq-theme');
      if (theme) document.body.classList.toggle('dark', theme === 'dark');
    } catch { /* private mode */ }
    refresh();
    showExamples();
    document.dispatchEvent(new Event('nq-ready'));
    const wanted = new URLSearchParams(location.search).get('q');
    if (wanted) ask(wanted);
  }

  const waiting = new MutationObserver(() => {
    if (!($('#nq-thread .md *') && $('#nq-reader') && $('#nq-about') && box() && $('#nq-filters-content'))) return;
    waiting.disconnect();
    begin();
  });
  waiting.observe(document.documentElement, { childList: true, subtree: true });
})();
