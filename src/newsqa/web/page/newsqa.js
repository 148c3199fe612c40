// The page besides asking: opening articles at a quote, keys, what changes by itself.
// Text that is not ours is set as textContent, or comes escaped from the server.
window.newsqa = (() => {
  'use strict';
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
  const narrow = () => innerWidth <= 900;
  const typing = (el) => el && /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName);
  const onClick = [];  // functions (at, event) -> true if it was theirs
  const onBegin = [];
  const onTurn = [];  // functions (turn), called once for each question asked

  // Every word comes from strings.py, with the page.
  function say(key, values = {}) {
    say.words ??= JSON.parse($('.nq-top').dataset.words);
    const words = say.words[key];
    return typeof words === 'string' ? words.replace(/\{(\w+)\}/g, (_, name) => values[name]) : words;
  }

  // A day as the server writes it too: 9 October 2026.
  function dayWords(iso) {
    const day = new Date(`${iso}T00:00:00`);
    return Number.isNaN(day.getTime()) ? iso : day.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
  }

  // What this browser keeps between visits; nothing in private mode.
  function kept(key) {
    try { return localStorage.getItem(key); } catch { return null; }
  }

  function keep(key, value) {
    try { localStorage.setItem(key, value); } catch { /* private mode, or full */ }
  }

  function element(tag, words, css) {
    const made = document.createElement(tag);
    if (words !== undefined) made.textContent = words;
    if (css) made.className = css;
    return made;
  }

  async function fetchPiece(path, parameters = {}) {
    const response = await fetch(`/page/${path}?${new URLSearchParams(parameters)}`).catch(() => null);
    const ours = response?.headers.get('content-type')?.startsWith('text/html');  // a refusal is JSON
    const html = ours ? await response.text() : `<p role="alert">${say('not_shown', { why: trouble(response) })}</p>`;
    return { ok: Boolean(response?.ok), status: response?.status, html };
  }

  // Why a request brought nothing; null where there was no answer at all.
  function trouble(response) {
    if (!response) return say('unreachable');
    return [429, 503].includes(response.status) ? say('busy') : say('answered_with', { status: response.status });
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
    $('#nq-tabs [role=tab]')?.click();  // the first tab is where answers are
    fill(field, question);
    field.focus();
    requestAnimationFrame(() => field.dispatchEvent(
      new KeyboardEvent('keypress', { key: 'Enter', bubbles: true, cancelable: true })));
  }

  // -- reading --

  let opener = null;

  const chipsOf = (opened) => $$('.nq-chip', opened?.closest('.nq-turn') ?? document.createElement('i'));

  async function openArticle(chip) {
    const { article, version, start = 0, end = 0 } = chip.dataset;
    if (!chip.closest('#nq-reader')) opener = chip;
    $$('.nq-chip.is-open').forEach((el) => el.classList.remove('is-open'));
    if (chip.matches('.nq-chip')) chip.classList.add('is-open');
    const also = chipsOf(chip)
      .filter((el) => el !== chip && el.dataset.article === article && el.dataset.version === version)
      .map((el) => `${el.dataset.start}-${el.dataset.end}`).join(',');
    document.body.classList.add('nq-reading-open');
    const wanted = openArticle.wanted = {};
    const { html } = await fetchPiece('article', { id: article, version, start, end, also });
    if (openArticle.wanted !== wanted) return;
    $('#nq-reader-content').innerHTML = html;
    showCopies(chip.dataset);
    showSteps(chip);
    showMark();
  }

  function showSteps(chip) {
    const chips = chipsOf(chip);
    const at = chips.indexOf(chip);
    $('#nq-steps').hidden = at < 0 || chips.length < 2;
    $('#nq-step').textContent = say('step', { at: at + 1, all: chips.length });
  }

  // Where else the text was printed: each copy opens, and from it the others.
  function showCopies({ copies, article, version, start, end }) {
    const place = $('#nq-printed');
    if (!copies || !place) return;  // an article by itself: the server said where
    const named = $('.nq-meta .nq-outlet', place.closest('.nq-article'))?.textContent ?? '';
    const here = { article_id: article, version, start, end, source: named };
    const others = JSON.parse(copies);
    place.replaceChildren(say('also_printed'));
    for (const copy of others) {
      const button = element('button', undefined, 'nq-read');
      button.type = 'button';
      button.append(element('bdi', copy.source || copy.title || copy.article_id));
      Object.assign(button.dataset, {
        article: copy.article_id, version: copy.version, start: copy.start, end: copy.end,
        copies: JSON.stringify([here, ...others.filter((other) => other !== copy)]),
      });
      place.append(' ', button);
    }
    place.hidden = !others.length;
  }

  const reading = () => document.body.classList.contains('nq-reading-open');

  // From the citation that is open to its neighbour; where none is, into those of the last answer.
  function step(by) {
    if (!reading()) {
      const chips = chipsOf($$('#nq-thread .nq-turn').at(-1));
      if (chips.length) openArticle(chips.at(by > 0 ? 0 : -1));
      return;
    }
    const chips = chipsOf(opener);
    const at = chips.indexOf(opener);
    if (at >= 0) openArticle(chips[(at + by + chips.length) % chips.length]);
  }

  function showMark() {
    const pane = $('#nq-reader');
    const mark = $('#nq-mark', pane) || $('mark', pane);
    if (!mark) { pane.scrollTop = 0; pane.focus({ preventScroll: true }); return; }
    const head = $('.nq-article header', pane);
    const top = mark.getBoundingClientRect().top - pane.getBoundingClientRect().top + pane.scrollTop;
    const stays = head && getComputedStyle(head).position === 'sticky';
    const covered = $('.nq-reader-bar', pane).offsetHeight + (stays ? head.offsetHeight : 0);
    const above = Math.max(covered + 24, pane.clientHeight * 0.3);
    // From the top of the article, where the mark can be seen from there.
    const fits = top + Math.min(mark.offsetHeight, pane.clientHeight * 0.4) < pane.clientHeight - 24;
    pane.scrollTo({ top: fits ? 0 : top - above, behavior: calm() ? 'auto' : 'smooth' });
    mark.tabIndex = -1;
    mark.focus({ preventScroll: true });
  }

  function emptyReader() {
    openArticle.wanted = null;  // what is still on its way stays away
    document.body.classList.remove('nq-reading-open');
    $$('.nq-chip.is-open').forEach((el) => el.classList.remove('is-open'));
    $('#nq-reader-content').replaceChildren(element('p', say('reader_empty'), 'nq-reader-empty'));
    $('#nq-reader').scrollTop = 0;
  }

  function closeArticle() {
    emptyReader();
    (opener?.isConnected ? opener : box())?.focus();
  }

  // -- the index --

  async function refresh() {
    const { drawFilters } = window.newsqa;
    const [about] = await Promise.all([fetchPiece('about'), drawFilters()]);
    if (about.ok) $('#nq-about').innerHTML = about.html;
  }

  async function showExamples() {
    const { ok, html } = await fetchPiece('examples');
    if (ok && $('#nq-examples')) $('#nq-examples').innerHTML = html;
  }

  // -- listening --

  // A tab takes a few frames to be shown, and what is hidden cannot have the focus.
  function focusSoon(selector, frames = 60) {
    const el = $(selector);
    el?.focus();
    if (document.activeElement !== el && frames) requestAnimationFrame(() => focusSoon(selector, frames - 1));
  }

  const actions = {
    close: closeArticle,
    previous: () => step(-1),
    next: () => step(1),
    keys: () => $('#nq-keys').showModal(),
    filters: () => { $('#nq-tabs [role=tab]')?.click(); $('#nq-filters').open = true; focusSoon('#nq-filters summary'); },
    clear: () => {
      lastState = '';
      $('#nq-clear').click();
      if (reading()) closeArticle();
      box().focus();
    },
    theme: () => keep('nq-theme', document.body.classList.toggle('dark') ? 'dark' : 'light'),
  };

  onClick.push((at) => {
    const chip = at('.nq-chip') || at('.nq-read:not([data-find])');
    if (chip) openArticle(chip);
    const example = at('[data-ask]');
    if (example) ask(example.dataset.ask);
    const action = at('[data-action]')?.dataset.action;
    if (action in actions) actions[action]();
    return Boolean(chip || example || action in actions);
  });

  document.addEventListener('click', (event) => {
    if (!event.target.closest) return;
    const at = (selector) => event.target.closest(selector);
    const menu = $('.nq-export[open]');
    if (menu && !at('.nq-export')) menu.open = false;
    if (onClick.some((mine) => mine(at, event))) return;
    // Beside the sheet, on a phone.
    if (reading() && !at('#nq-reader') && narrow()) closeArticle();
  });

  document.addEventListener('change', (event) => {
    if (event.target.id === 'nq-single-keys') keep('nq-keys', event.target.checked ? 'on' : 'off');
  });

  const singleKeys = () => kept('nq-keys') !== 'off';

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if ($('dialog[open]')) return;
    if (event.key === 'Escape') escape();
    if (event.target.matches?.('#nq-tabs [role=tab]') && moveTab(event.target, event.key)) { event.preventDefault(); return; }
    if (typing(document.activeElement) || !singleKeys()) return;
    const does = { '/': () => box()?.focus(), '?': actions.keys, n: actions.next, p: actions.previous, h: actions.history }[event.key];
    if (does) { event.preventDefault(); does(); }
  });

  // What is open on top closes first; a field that has the focus is left before that.
  function escape() {
    const menu = $('.nq-export[open]');
    if (menu) { menu.open = false; $('summary', menu).focus(); return; }
    const reasons = $('.nq-why');
    if (reasons) { $('[data-act=down]', reasons.parentElement).focus(); reasons.remove(); return; }
    if (document.activeElement === box()) { box().blur(); return; }
    if (reading()) closeArticle();
  }

  // The keys of a tab list; true where it was one of them.
  function moveTab(tab, key) {
    const tabs = $$('#nq-tabs [role=tab]').filter((el) => el.offsetParent);
    const at = tabs.indexOf(tab);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: -1 }[key];
    if (to === undefined) return false;
    const next = tabs.at(to % tabs.length);
    next.click();
    next.focus();
    return true;
  }

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
    if (isNew && reading()) emptyReader();  // it belongs to the answer before
    if (isNew) onTurn.forEach((listener) => listener(turn));
    if (isNew) turn.scrollIntoView({ block: 'start', behavior: calm() ? 'auto' : 'smooth' });
    if (turn.getAttribute('aria-busy')) { announce($('.nq-state', turn)?.textContent ?? ''); return; }
    const quote = $('.nq-lead blockquote p', turn);
    if (quote) announce(`${quote.textContent} ${$('.nq-lead figcaption', turn).textContent}`);
    const none = $$('.nq-abstain p', turn).map((el) => el.textContent);
    if (none.length) announce(none.join('. '));
  }

  // How long the question under way has been with us, told by the second.
  setInterval(() => {
    const state = $('.nq-turn[aria-busy] .nq-state');
    if (!state) return;
    const turn = state.closest('.nq-turn').dataset.turn;
    if (state.dataset.turn !== turn) { state.dataset.turn = turn; }
    const began = threadChanged.began?.turn === turn ? threadChanged.began.at : performance.now();
    threadChanged.began = { turn, at: began };
    const seconds = Math.round((performance.now() - began) / 1000);
    let shown = $('.nq-elapsed', state);
    if (!shown) { shown = document.createElement('span'); shown.className = 'nq-elapsed'; shown.ariaHidden = 'true'; state.append(shown); }
    if (seconds) shown.textContent = ` ${say('seconds', { count: seconds })}`;
  }, 250);

  // The framework's buttons at the question have pictures only, and come and go.
  function nameButtons() {
    for (const [css, word] of [['.submit-button', 'send'], ['.stop-button', 'stop']]) {
      const button = $(`#nq-question ${css}`);
      if (button && !button.ariaLabel) { button.ariaLabel = say(word); button.title = say(word); }
    }
  }

  function begin() {
    const thread = $('#nq-thread');
    thread.setAttribute('role', 'log');
    thread.setAttribute('aria-label', say('conversation'));
    thread.setAttribute('aria-live', 'off');  // spoken by #nq-live: the quote, not every state
    const live = document.createElement('div');
    live.id = 'nq-live'; live.className = 'nq-sr'; live.setAttribute('aria-live', 'polite');
    document.body.append(live);
    document.body.classList.toggle('nq-read-only', $('.nq-top').dataset.changing !== 'true');
    new MutationObserver(threadChanged).observe(thread, { childList: true, subtree: true });
    new MutationObserver(nameButtons).observe($('#nq-question'), { childList: true, subtree: true });
    nameButtons();
    box().dir = 'auto';  // a question may run from right to left
    $('#nq-single-keys').checked = singleKeys();
    const theme = kept('nq-theme');
    if (theme) document.body.classList.toggle('dark', theme === 'dark');
    threadChanged();
    refresh().finally(() => {
      onBegin.forEach((start) => start());
      document.body.dataset.nqReady = '1';
    });
  }

  const drawn = () => ['#nq-thread .md *', '#nq-reader', '#nq-about', '#nq-question textarea', '#nq-filters-content', '#nq-filter :is(textarea, input)'].every((part) => $(part));

  // As soon as the framework has drawn the page, which it may have done before this runs.
  queueMicrotask(() => {
    if (drawn()) { begin(); return; }
    const drawing = new MutationObserver(() => {
      if (!drawn()) return;
      drawing.disconnect();
      begin();
    });
    drawing.observe(document.documentElement, { childList: true, subtree: true });
  });

  return { $, $$, actions, ask, box, dayWords, element, fetchPiece, fill, focusSoon, onBegin, onClick, onTurn, refresh, say, trouble };
})();
