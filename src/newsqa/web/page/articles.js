// The tabs beside the thread: searching passages; listing, adding and removing articles.
(() => {
  'use strict';
  const { $, actions, element, fetchPiece, fill, filterParameters, focusSoon, onBegin, onClick, refresh, say, showSet } = window.newsqa;

  // -- search --

  async function search() {
    const question = $('#nq-search').value.trim();
    if (!question) return;
    const wanted = search.wanted = {};
    const parameters = filterParameters();
    parameters.set('question', question.slice(0, 2000));
    parameters.set('k', '30');
    const { status, html } = await fetchPiece($('#nq-sort').value === 'date' ? 'search/date' : 'search', parameters);
    if (search.wanted === wanted) $('#nq-hits').innerHTML = status === 422 ? `<p>${say('not_searched')}</p>` : html;
  }

  document.addEventListener('submit', (event) => {
    if (event.target.id !== 'nq-search-form') return;
    event.preventDefault();
    search();
  });

  // -- the list --

  let offset = 0;

  async function showArticles(from = 0) {
    offset = from;
    const wanted = showArticles.wanted = {};
    const { html } = await fetchPiece('articles', { contains: $('#nq-find').value, offset });
    if (showArticles.wanted === wanted) $('#nq-articles').innerHTML = html;
  }

  async function showCorpus() {
    const { ok, html } = await fetchPiece('corpus');
    if (ok) $('#nq-corpus').innerHTML = html;
  }

  // -- changes --

  const BATCH_FILES = 20;
  const BATCH_BYTES = 20 * 1024 * 1024;

  function allowed() {
    const token = $('#nq-token')?.value;
    return token ? { Authorization: `Bearer ${token}` } : {};
  }

  async function change(method, path, body, kind) {
    const headers = { ...allowed(), ...(kind && { 'Content-Type': kind }) };
    try {
      const response = await fetch(path, { method, body, headers });
      const said = await response.json().catch(() => ({ detail: say('answered_with', { status: response.status }) }));
      return { ok: response.ok, said };
    } catch {
      return { ok: false, said: { detail: say('unreachable') } };
    }
  }

  const ARTICLES = '/api/v1/articles';

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

  function showProgress(done, all, words, detail = '') {
    const shown = $('#nq-progress');
    shown.replaceChildren(element('span', words), detail);
    if (done === all && !detail) return;
    const bar = element('div', undefined, 'nq-bar');
    const full = element('i');
    full.style.width = `${Math.max(3, 100 * done / all)}%`;
    bar.append(full);
    shown.append(bar);
  }

  function problemTable(rows) {
    const table = element('table');
    const head = table.createTHead().insertRow();
    for (const name of say('heads')) {
      const cell = element('th', name);
      cell.scope = 'col';
      head.append(cell);
    }
    const body = table.createTBody();
    for (const { path, kind, reason } of rows) {
      const row = body.insertRow();
      row.className = kind === 'failed' ? 'nq-failed-row' : '';
      for (const words of [path, say(kind), reason]) row.append(element('td', words));
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
      const which = batch.length === 1 ? done + 1 : `${done + 1}–${done + batch.length}`;
      showProgress(done, all, say('adding', { which, all, names: names.join(', ').slice(0, 120) }));
      const form = new FormData();
      for (const file of batch) form.append('files', file, file.name);
      const { ok, said } = await change('POST', ARTICLES, form);
      if (ok) { total.indexed += said.indexed; total.unchanged += said.unchanged; }
      rows.push(...problemsOf(ok, said, names));
      done += batch.length;
    }
    await showReport(total, rows);
  }

  function problemsOf(ok, said, names) {
    const failed = said.failed?.length ? said.failed : ok ? [] : names.map((path) => ({ path, reason: said.detail }));
    return [...failed.map((row) => ({ ...row, kind: 'failed' })),
      ...(said.skipped || []).map((row) => ({ ...row, kind: 'skipped' }))];
  }

  async function showReport({ indexed, unchanged }, rows) {
    const parts = [say(indexed === 1 ? 'added_one' : 'added', { count: indexed })];
    if (unchanged) parts.push(say('there', { count: unchanged }));
    if (rows.length) parts.push(say('not_taken', { count: rows.length }));
    showProgress(1, 1, `${parts.join(', ')}.`);
    if (rows.length) $('#nq-report').append(problemTable(rows));
    await changed();
  }

  const changed = (from = 0) => Promise.all([refresh(), showArticles(from), showCorpus()]);

  // A long change: what it is at is asked for by the second, and shown, not spoken.
  async function following(words, work) {
    showProgress(0, 1, words);
    $('#nq-report').replaceChildren();
    const timer = setInterval(async () => {
      const response = await fetch('/page/manage/doing', { headers: allowed() }).catch(() => null);
      const now = response?.ok ? await response.json() : {};
      if (!now.stage || following.timer !== timer) return;
      const detail = element('span', ` · ${say(now.total ? 'doing_of' : 'doing', now)} ${now.detail}`);
      detail.ariaHidden = 'true';
      showProgress(now.total ? now.done : 0, now.total || 1, words, detail);
    }, 700);
    following.timer = timer;
    try { return await work(); } finally { clearInterval(timer); following.timer = null; }
  }

  actions.folder = async () => {
    const path = $('#nq-folder').value.trim();
    if (!path) { $('#nq-folder').focus(); return; }
    const { ok, said } = await following(say('adding_folder', { path }), () =>
      change('POST', '/page/manage/folder', JSON.stringify({ path }), 'application/json'));
    const total = ok ? said : { indexed: 0, unchanged: 0 };
    await showReport(total, problemsOf(ok, said, [path]));
  };

  actions.rebuild = async () => {
    const { ok, said } = await following(say('rebuilding'), () => change('POST', '/page/manage/rebuild'));
    showProgress(1, 1, ok ? say(said.rebuilt ? 'rebuilt' : 'as_it_was') : say('not_done', { why: said.detail }));
    await changed();
  };

  async function removeArticle(button) {
    if (button.dataset.sure === undefined) {
      button.dataset.sure = '';
      button.textContent = say('really');
      setTimeout(() => { delete button.dataset.sure; button.textContent = say('remove'); }, 4000);
      return;
    }
    button.disabled = true;
    const id = button.dataset.remove.split('/').map(encodeURIComponent).join('/');
    const { ok, said } = await change('DELETE', `${ARTICLES}/${id}`);
    showProgress(1, 1, ok ? say('removed') : say('not_removed', { why: said.detail }));
    await changed(offset);
  }

  actions.paste = async () => {
    const [title, text] = [$('#nq-paste-title').value.trim(), $('#nq-paste-text').value];
    if (!text.trim()) { $('#nq-paste-text').focus(); return; }
    const first = title || text.trim().split('\n')[0].slice(0, 80);
    // A name of its own for each title: the name is what the article is known by.
    const name = `${first.replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 80).replace(/^-|-$/g, '') || say('pasted')}.txt`;
    await addFiles([new File([`${first}\n\n${title ? text : text.trim().slice(first.length) || text}\n`], name, { type: 'text/plain' })]);
    $('#nq-paste-title').value = ''; $('#nq-paste-text').value = '';
  };

  // -- listening --

  onClick.push((at, event) => {
    // A person who clicks the tab wants to type; by keyboard the focus stays on the tab.
    if (event.detail && at('[role=tab]')?.textContent.trim() === say('tab_search')) focusSoon('#nq-search');
    const remove = at('[data-remove]');
    if (remove) removeArticle(remove);
    const page = at('[data-page]');
    if (page) showArticles(Number(page.dataset.page));
    const find = at('[data-find]');
    if (find) { fill($('#nq-find'), find.dataset.find); $('#nq-find').focus(); }
    return Boolean(remove || page || find);
  });

  document.addEventListener('input', (event) => {
    if (event.target.id === 'nq-find') showArticles();
  });
  document.addEventListener('nq-filter', () => { if ($('#nq-search')?.value) search(); });
  document.addEventListener('change', (event) => {
    if (event.target.id === 'nq-sort') search();
    if (event.target.id !== 'nq-files') return;
    const files = [...event.target.files];
    event.target.value = '';
    addFiles(files);
  });
  document.addEventListener('dragover', (event) => {
    event.preventDefault();  // a file dropped elsewhere must not replace the page
    event.target.closest?.('#nq-drop')?.classList.add('is-over');
  });
  document.addEventListener('dragleave', (event) => event.target.closest?.('#nq-drop')?.classList.remove('is-over'));
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    const drop = event.target.closest?.('#nq-drop');
    if (!drop) return;
    drop.classList.remove('is-over');
    addFiles([...event.dataTransfer.files]);
  });

  onBegin.push(() => new MutationObserver(() => {  // a tab is drawn when it is first opened
    const list = $('#nq-articles');
    if (list && !list.dataset.seen) { list.dataset.seen = '1'; showArticles(); showCorpus(); }
    const set = $('.nq-set');
    if (set && !set.dataset.seen) { set.dataset.seen = '1'; showSet(); }
  }).observe($('#nq-tabs'), { childList: true, subtree: true }));
})();
