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

  // -- what can be done with a turn --

  function quotesOf(turn) {
    return $$('.nq-chip', turn).map((chip) => {
      const holder = chip.closest('figure, li');
      const words = $('blockquote p', holder).cloneNode(true);
      $$('.nq-chip', words).forEach((el) => el.remove());
      const link = $('.nq-chip', holder).dataset;
      return {
        n: chip.textContent,
        quote: words.textContent.trim(),
        title: $('.nq-title', holder)?.textContent ?? '',
        source: $('.nq-outlet', holder)?.textContent ?? '',
        date: $('time', holder)?.getAttribute('datetime') ?? '',
        place: `${link.article} ${link.start}-${link.end}`,
      };
    });
  }

  const plain = (turn) => quotesOf(turn).map(({ n, quote }) => `“${quote}” [${n}]`).join('\n\n') + '\n\n' +
    quotesOf(turn).map((q) => `[${q.n}] ${[q.title, q.source, q.date].filter(Boolean).join(', ')} (${q.place})`).join('\n') + '\n';

  const escaped = (words) => words.replace(/[\\`*_{}[\]<>#|]/g, '\\$&');
  const markdown = (turn) => quotesOf(turn).map(({ n, quote }) => `> ${escaped(quote)} [${n}]`).join('\n\n') + '\n\n' +
    quotesOf(turn).map((q) => `${q.n}. ${[q.title && `*${escaped(q.title)}*`, escaped(q.source), q.date].filter(Boolean).join(', ')} (${escaped(q.place)})`).join('\n') + '\n';

  async function act(button) {
    const turn = button.closest('.nq-turn');
    const what = button.dataset.act;
    if (what === 'again') ask(turn.dataset.question);
    if (what === 'edit') { fill(box(), turn.dataset.question); box().focus(); }
    if (what === 'copy' || what === 'markdown') {
      await navigator.clipboard.writeText((what === 'copy' ? plain : markdown)(turn));
      const said = button.textContent;
      button.textContent = 'Copied';
      setTimeout(() => { button.textContent = said; }, 1500);
    }
  }

  // -- reading --

  let opener = null;

  async function openArticle(chip) {
    const { article, version, start = 0, end = 0 } = chip.dataset;
    opener = chip;
    $$('.nq-chip.is-open').forEach((el) => el.classList.remove('is-open'));
    chip.classList.add('is-open');
    const turn = chip.closest('.nq-turn');
    const also = $$('.nq-chip', turn || undefined)
      .filter((el) => turn && el !== chip && el.dataset.article === article && el.dataset.version === version)
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

  // -- articles: list, add, remove --

  const BATCH_FILES = 20;
  const BATCH_BYTES = 20 * 1024 * 1024;
  let offset = 0;
  let searching = 0;

  async function showArticles(from = 0) {
    offset = from;
    const mine = ++searching;
    const { html } = await fetchPiece('articles', { contains: $('#nq-find').value, offset });
    if (mine === searching) $('#nq-articles').innerHTML = html;
  }

  function element(tag, words, css) {
    const made = document.createElement(tag);
    if (words !== undefined) made.textContent = words;
    if (css) made.className = css;
    return made;
  }

  async function change(method, path, body) {
    const token = $('#nq-token')?.value;
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    const response = await fetch(`/api/v1/articles${path}`, { method, body, headers });
    const said = await response.json().catch(() => ({ detail: `the server answered ${response.status}` }));
    return { ok: response.ok, said };
  }

  function batches(files) {
    const made = [];
    let bytes = Infinity;
    for (const file of files) {
      if (bytes + file.size > BATCH_BYTES || made.at(-1).length >= BATCH_FILES) { made.push([]); bytes = 0; }
      made.at(-1).push(file);
      bytes += file.size;
    }
    return made;
  }

  function showProgress(done, all, words) {
    const shown = $('#nq-progress');
    shown.replaceChildren(element('span', words));
    if (done === all) return;
    const bar = element('div', undefined, 'nq-bar');
    const full = element('i');
    full.style.width = `${100 * done / all}%`;
    bar.append(full);
    shown.append(bar);
  }

  function problemTable(rows) {
    const table = element('table');
    const head = table.createTHead().insertRow();
    for (const name of ['File', 'What happened', 'Why']) head.append(element('th', name));
    const body = table.createTBody();
    for (const { path, kind, reason } of rows) {
      const row = body.insertRow();
      row.className = kind === 'failed' ? 'nq-failed-row' : '';
      for (const words of [path, kind, reason]) row.append(element('td', words));
    }
    return table;
  }

  async function addFiles(files) {
    if (!files.length) return;
    const all = files.length;
    let done = 0;
    const total = { indexed: 0, unchanged: 0 };
    const rows = [];
    $('#nq-report').replaceChildren();
    for (const batch of batches(files)) {
      const names = batch.map((file) => file.name);
      showProgress(done, all, `Adding ${done + 1}–${done + batch.length} of ${all}: ${names.join(', ').slice(0, 120)}`);
      const form = new FormData();
      for (const file of batch) form.append('files', file, file.name);
      let answer;
      try { answer = await change('POST', '', form); } catch { answer = { ok: false, said: { detail: 'the server cannot be reached' } }; }
      const { ok, said } = answer;
      if (ok) { total.indexed += said.indexed; total.unchanged += said.unchanged; }
      const failed = said.failed?.length ? said.failed : ok ? [] : names.map((path) => ({ path, reason: said.detail }));
      rows.push(...failed.map((row) => ({ ...row, kind: 'failed' })));
      rows.push(...(said.skipped || []).map((row) => ({ ...row, kind: 'skipped' })));
      done += batch.length;
    }
    const parts = [`${total.indexed} ${total.indexed === 1 ? 'article' : 'articles'} added`];
    if (total.unchanged) parts.push(`${total.unchanged} already there`);
    if (rows.length) parts.push(`${rows.length} not taken`);
    showProgress(all, all, `${parts.join(', ')}.`);
    if (rows.length) $('#nq-report').append(problemTable(rows));
    await Promise.all([refresh(), showArticles()]);
  }

  async function removeArticle(button) {
    if (button.dataset.sure === undefined) {
      button.dataset.sure = '';
      button.textContent = 'Really remove?';
      setTimeout(() => { delete button.dataset.sure; button.textContent = 'Remove'; }, 4000);
      return;
    }
    button.disabled = true;
    const id = button.dataset.remove.split('/').map(encodeURIComponent).join('/');
    const { ok, said } = await change('DELETE', `/${id}`);
    showProgress(1, 1, ok ? '1 article removed.' : `Not removed: ${said.detail}`);
    await Promise.all([refresh(), showArticles(offset)]);
  }

  document.addEventListener('dragover', (event) => {
    const drop = event.target.closest?.('#nq-drop');
    event.preventDefault();  // a file dropped elsewhere must not replace the page
    if (drop) drop.classList.add('is-over');
  });
  document.addEventListener('dragleave', (event) => event.target.closest?.('#nq-drop')?.classList.remove('is-over'));
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    const drop = event.target.closest?.('#nq-drop');
    if (!drop) return;
    drop.classList.remove('is-over');
    addFiles([...event.dataTransfer.files]);
  });

  // -- listening --

  document.addEventListener('click', (event) => {
    const at = (selector) => event.target.closest && event.target.closest(selector);
    const chip = at('.nq-chip');
    if (chip) { event.preventDefault(); openArticle(chip); return; }
    const example = at('[data-ask]');
    if (example) { ask(example.dataset.ask); return; }
    const read = at('.nq-read');
    if (read) { openArticle(read); return; }
    const remove = at('[data-remove]');
    if (remove) { removeArticle(remove); return; }
    const page = at('[data-page]');
    if (page) { showArticles(Number(page.dataset.page)); return; }
    const acting = at('.nq-act');
    if (acting) { act(acting); return; }
    const action = at('[data-action]')?.dataset.action;
    if (action === 'clear') { lastState = ''; $('#nq-clear').click(); box().focus(); }
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
    if (event.target.id === 'nq-files') {
      const files = [...event.target.files];
      event.target.value = '';
      addFiles(files);
    }
  });

  document.addEventListener('input', (event) => {
    if (event.target.id === 'nq-find') showArticles();
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
    const examples = $('#nq-examples');
    if (examples && !examples.dataset.seen) { examples.dataset.seen = '1'; showExamples(); }
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
    threadChanged();
    new MutationObserver(() => {  // the tab is drawn when it is first opened
      const list = $('#nq-articles');
      if (list && !list.dataset.seen) { list.dataset.seen = '1'; showArticles(); }
    }).observe($('#nq-tabs'), { childList: true, subtree: true });
    document.body.dataset.nqReady = '1';
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
