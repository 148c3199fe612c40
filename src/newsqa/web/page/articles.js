// The tabs beside the thread: searching passages; listing, adding and removing articles.
(() => {
  'use strict';
  const { $, actions, fetchPiece, filterParameters, onBegin, onClick, refresh } = window.newsqa;

  // -- search --

  async function search() {
    const question = $('#nq-search').value.trim();
    if (!question) return;
    const wanted = search.wanted = {};
    const parameters = filterParameters();
    parameters.set('question', question.slice(0, 2000));
    parameters.set('k', '30');
    const { ok, html } = await fetchPiece($('#nq-sort').value === 'date' ? 'search/date' : 'search', parameters);
    if (search.wanted === wanted) $('#nq-hits').innerHTML = ok ? html : '<p>This cannot be searched for.</p>';
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

  // -- changes --

  const BATCH_FILES = 20;
  const BATCH_BYTES = 20 * 1024 * 1024;

  function element(tag, words, css) {
    const made = document.createElement(tag);
    if (words !== undefined) made.textContent = words;
    if (css) made.className = css;
    return made;
  }

  async function change(method, path, body) {
    const token = $('#nq-token')?.value;
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    try {
      const response = await fetch(`/api/v1/articles${path}`, { method, body, headers });
      const said = await response.json().catch(() => ({ detail: `the server answered ${response.status}` }));
      return { ok: response.ok, said };
    } catch {
      return { ok: false, said: { detail: 'the server cannot be reached' } };
    }
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
    full.style.width = `${Math.max(3, 100 * done / all)}%`;
    bar.append(full);
    shown.append(bar);
  }

  function problemTable(rows) {
    const table = element('table');
    const head = table.createTHead().insertRow();
    for (const name of ['File', 'Result', 'Why']) {
      const cell = element('th', name);
      cell.scope = 'col';
      head.append(cell);
    }
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
      const which = batch.length === 1 ? done + 1 : `${done + 1}–${done + batch.length}`;
      showProgress(done, all, `Adding ${which} of ${all}: ${names.join(', ').slice(0, 120)}`);
      const form = new FormData();
      for (const file of batch) form.append('files', file, file.name);
      const { ok, said } = await change('POST', '', form);
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
      button.textContent = 'Really?';
      setTimeout(() => { delete button.dataset.sure; button.textContent = 'Remove'; }, 4000);
      return;
    }
    button.disabled = true;
    const id = button.dataset.remove.split('/').map(encodeURIComponent).join('/');
    const { ok, said } = await change('DELETE', `/${id}`);
    showProgress(1, 1, ok ? '1 article removed.' : `Not removed: ${said.detail}`);
    await Promise.all([refresh(), showArticles(offset)]);
  }

  actions.paste = async () => {
    const [title, text] = [$('#nq-paste-title').value.trim(), $('#nq-paste-text').value];
    if (!text.trim()) { $('#nq-paste-text').focus(); return; }
    const first = title || text.trim().split('\n')[0].slice(0, 80);
    // A name of its own for each title: the name is what the article is known by.
    const name = `${first.replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 80).replace(/^-|-$/g, '') || 'pasted'}.txt`;
    await addFiles([new File([`${first}\n\n${title ? text : text.trim().slice(first.length) || text}\n`], name, { type: 'text/plain' })]);
    $('#nq-paste-title').value = ''; $('#nq-paste-text').value = '';
  };

  // -- listening --

  onClick.push((at) => {
    const remove = at('[data-remove]');
    if (remove) removeArticle(remove);
    const page = at('[data-page]');
    if (page) showArticles(Number(page.dataset.page));
    return Boolean(remove || page);
  });

  document.addEventListener('input', (event) => {
    if (event.target.id === 'nq-find') showArticles();
  });
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
    if (list && !list.dataset.seen) { list.dataset.seen = '1'; showArticles(); }
  }).observe($('#nq-tabs'), { childList: true, subtree: true }));
})();
