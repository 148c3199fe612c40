// Questions asked before, with their filters: kept in this browser, sent nowhere.
(() => {
  'use strict';
  const { $, actions, ask, dayWords, element, filterWords, onClick, onTurn, say, setFilter } = window.newsqa;
  const KEY = 'nq-history';
  const MOST = 200;
  const NO_FILTER = { sources: [] };
  const text = (value) => (typeof value === 'string' ? value : '');

  // What lies in the store may be of another release, or edited: only what fits is taken.
  function entryOf(raw) {
    if (!raw || typeof raw.question !== 'string' || !raw.question.trim()) return [];
    const filter = raw.filter ?? NO_FILTER;
    const sources = Array.isArray(filter.sources) ? filter.sources.filter((name) => typeof name === 'string') : [];
    return [{
      question: raw.question.slice(0, 2000), at: text(raw.at),
      filter: { since: text(filter.since), until: text(filter.until), as_of: text(filter.as_of), sources },
    }];
  }

  function load() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? '[]');
      return Array.isArray(kept) ? kept.flatMap(entryOf).slice(0, MOST) : [];
    } catch { return []; }  // private mode, or no JSON
  }

  function save(entries) {
    try { localStorage.setItem(KEY, JSON.stringify(entries.slice(0, MOST))); } catch { /* full, or private mode */ }
  }

  const same = (one, other) => JSON.stringify([one.question, one.filter]) === JSON.stringify([other.question, other.filter]);

  onTurn.push((turn) => {
    const filter = JSON.parse(turn.dataset.filter ?? 'null');
    for (const entry of entryOf({ question: turn.dataset.question, filter, at: new Date().toISOString() })) {
      save([entry, ...load().filter((other) => !same(entry, other))]);
    }
  });

  function show() {
    const entries = load();
    const rows = entries.map((entry, at) => {
      const row = element('li');
      const again = element('button', undefined, 'nq-again');
      again.type = 'button';
      again.dataset.again = at;
      const day = entry.at && dayWords(entry.at.slice(0, 10));
      again.append(element('bdi', entry.question), element('span', [day, filterWords(entry.filter)].filter(Boolean).join(' · '), 'nq-from'));
      const forget = element('button', '×', 'nq-icon');
      forget.type = 'button';
      forget.dataset.forget = at;
      forget.ariaLabel = say('forget', { question: entry.question });
      row.append(again, forget);
      return row;
    });
    $('#nq-asked').replaceChildren(...(rows.length ? rows : [element('li', say('nothing_asked'), 'nq-hint')]));
    $('#nq-forget').hidden = !rows.length;
  }

  actions.history = () => { show(); $('#nq-history').showModal(); };
  actions.forget = () => { save([]); show(); };

  onClick.push((at) => {
    const again = at('[data-again]');
    const entry = again && load()[Number(again.dataset.again)];
    if (entry) {
      $('#nq-history').close();
      setFilter(entry.filter);
      ask(entry.question);
    }
    const forget = at('[data-forget]');
    if (forget) {
      const place = Number(forget.dataset.forget);
      save(load().filter((_, number) => number !== place));
      show();
      ($(`[data-forget="${Math.max(0, place - 1)}"]`) ?? $('#nq-history form button:last-child')).focus();
    }
    return Boolean(again || forget);
  });
})();
