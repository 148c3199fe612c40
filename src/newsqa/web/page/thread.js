// What can be done with answers: copy, link, export, ask again, say whether they helped.
(() => {
  'use strict';
  const { $, $$, ask, box, dayWords, element, fill, filterParameters, onBegin, onClick, say, setFilter, trouble } = window.newsqa;

  const replyOf = (turn) => JSON.parse($('.nq-answer', turn)?.dataset.reply ?? 'null');
  const quotesOf = (reply) => (reply.answered ? reply.quotes : []);
  const sourceOf = (q) => [q.title, q.source, q.published && dayWords(q.published), q.page && say('page', { page: q.page })].filter(Boolean).join(', ');
  const placeOf = (q) => `${q.article_id} ${q.start}-${q.end}`;
  const labelOf = (q) => say(`role_${q.role}`);  // undefined for what needs no label
  const abstained = (reply) => say('not_here', { why: reply.reason.message });

  // -- as text --

  function plain(reply) {
    if (!reply.answered) return abstained(reply) + '\n';
    const quotes = quotesOf(reply).map((q) => `${labelOf(q) ? `${labelOf(q)}: ` : ''}“${q.quote}” [${q.n}]`);
    const places = quotesOf(reply).map((q) => `[${q.n}] ${sourceOf(q)} (${placeOf(q)})`);
    return `${quotes.join('\n\n')}\n\n${places.join('\n')}\n`;
  }

  const escaped = (words) => words.replace(/[\\`*_{}[\]<>#|~]/g, '\\$&');
  const quoted = (words) => escaped(words).split('\n').map((line) => `> ${line}`).join('\n');

  function markdown(reply) {
    if (!reply.answered) return escaped(abstained(reply)) + '\n';
    const quotes = quotesOf(reply).map((q) => `${labelOf(q) ? `*${escaped(labelOf(q))}:*\n\n` : ''}${quoted(q.quote)} \\[${q.n}\\]`);
    const places = quotesOf(reply).map((q) => `${q.n}. ${escaped(sourceOf(q))} (${escaped(placeOf(q))})${web(q.url) ? ` <${q.url}>` : ''}`);
    return `${quotes.join('\n\n')}\n\n${places.join('\n')}\n`;
  }

  const web = (url) => url && /^https?:\/\/[^\s<>"]+$/.test(url);

  // -- exports: the whole thread --

  const thread = () => $$('#nq-thread .nq-turn').map((turn) => [turn.dataset.question, replyOf(turn)]).filter(([, reply]) => reply);

  function page(turns) {
    const made = document.implementation.createHTMLDocument('newsqa');
    const add = (parent, tag, words) => {
      const el = parent.appendChild(made.createElement(tag));
      if (words !== undefined) el.textContent = words;
      return el;
    };
    const charset = made.createElement('meta');
    charset.setAttribute('charset', 'utf-8');
    made.head.prepend(charset);
    add(made.head, 'style', 'body{font:17px/1.55 Georgia,serif;max-width:42em;margin:3em auto;padding:0 1em}' +
      'h2{font-size:1.15em;margin-top:2.2em}blockquote{margin:1em 0;padding-left:1em;border-left:3px solid #0f766e}' +
      'b{background:#ffe48a}.role,li,footer,details{font:14px/1.5 system-ui,sans-serif;color:#444}.role{margin:1em 0 -.7em;font-weight:600}pre{white-space:pre-wrap;overflow-wrap:anywhere}@media print{body{margin:0}}');
    add(made.body, 'h1', 'newsqa');
    for (const [question, reply] of turns) {
      add(made.body, 'h2', question).dir = 'auto';
      if (!reply.answered) { add(made.body, 'p', abstained(reply)); continue; }
      for (const q of quotesOf(reply)) {
        if (labelOf(q)) add(made.body, 'p', `${labelOf(q)}:`).className = 'role';
        const block = add(made.body, 'blockquote');
        block.dir = 'auto';
        const at = q.highlight ? [q.highlight.start - q.start, q.highlight.end - q.start] : [0, 0];
        const letters = [...q.quote];  // offsets count characters, not UTF-16 units
        block.append(letters.slice(0, at[0]).join(''));
        if (q.highlight) add(block, 'b', letters.slice(at[0], at[1]).join(''));
        block.append(letters.slice(at[1]).join(''), ` [${q.n}]`);
      }
      const list = add(made.body, 'ol');
      for (const q of quotesOf(reply)) {
        const item = add(list, 'li', `${sourceOf(q)} (${placeOf(q)}) `);
        if (web(q.url)) { const link = add(item, 'a', q.url); link.href = q.url; link.rel = 'noopener noreferrer'; }
      }
    }
    const proofs = add(made.body, 'details');
    add(proofs, 'summary', say('citations'));
    add(proofs, 'pre', citations(turns));
    add(made.body, 'footer', say('proof'));
    return `<!DOCTYPE html>\n${made.documentElement.outerHTML}\n`;
  }

  // All quotes together, as `newsqa prove` takes them.
  const everyQuote = (turns) => turns.flatMap(([, reply]) => quotesOf(reply));
  const citations = (turns) => JSON.stringify({ quotes: everyQuote(turns).map(
    ({ article_id, version, content_sha256, start, end, quote }) => ({ article_id, version, content_sha256, start, end, quote })) }, null, 2);

  const exporters = {
    json: (turns) => ['newsqa.json', 'application/json', JSON.stringify({
      quotes: everyQuote(turns), turns: turns.map(([, reply]) => reply),
    }, null, 2) + '\n'],
    markdown: (turns) => ['newsqa.md', 'text/markdown', turns.map(([question, reply]) => `## ${escaped(question).replaceAll('\n', ' ')}\n\n${markdown(reply)}`).join('\n') +
      `\n## ${say('citations')}\n\n\`\`\`json\n${citations(turns)}\n\`\`\`\n`],
    html: (turns) => ['newsqa.html', 'text/html', page(turns)],
  };

  function save(kind) {
    const [name, type, content] = exporters[kind](thread());
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([content], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  // -- one turn --

  function linkTo(question, filter) {
    const parameters = new URLSearchParams({ q: question });
    if (filter) for (const [name, value] of filterParameters(JSON.parse(filter))) parameters.append(name, value);
    return `${location.origin}/?${parameters}`;
  }

  async function copy(button, words) {
    const done = await navigator.clipboard?.writeText(words).then(() => true, () => false) || copyBySelecting(button, words);
    tell(button, done ? '' : say('not_copied'));
    if (!done) return;
    const said = button.dataset.said ??= button.textContent;
    button.textContent = say('copied');
    setTimeout(() => { button.textContent = said; }, 1500);
  }

  // Over plain http a browser lends no clipboard but beside itself; what is selected it still copies.
  function copyBySelecting(button, words) {
    const field = element('textarea', words, 'nq-sr');
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    button.focus();
    return done;
  }

  // What did not work is said beside the button.
  function tell(button, words) {
    const acts = button.closest('.nq-acts');
    $('.nq-told', acts)?.remove();
    if (!words) return;
    const told = element('span', words, 'nq-told');
    told.setAttribute('role', 'alert');
    acts.append(told);
  }

  async function judge(button, turn, verdict) {
    const reply = replyOf(turn);
    const reason = verdict === 'down' ? await askWhy(button) : '';
    const said = {
      question: turn.dataset.question.slice(0, 2000), verdict, reason, answered: reply.answered, generation: reply.generation,
      quotes: quotesOf(reply).map(({ article_id, version, start, end }) => ({ article_id, version, start, end })),
    };
    const response = await fetch('/api/v1/feedback', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(said) }).catch(() => null);
    tell(button, response?.ok ? '' : say('not_kept', { why: trouble(response) }));
    if (!response?.ok) return;
    $$('.nq-verdict .nq-act', turn).forEach((el) => el.setAttribute('aria-pressed', el === button));
  }

  function askWhy(button) {
    return new Promise((resolve) => {
      $('.nq-why')?.remove();
      const why = document.createElement('span');
      why.className = 'nq-why';
      why.setAttribute('role', 'group');
      why.setAttribute('aria-label', say('why'));
      for (const reason of say('reasons')) {
        const choice = document.createElement('button');
        choice.type = 'button'; choice.className = 'nq-act'; choice.textContent = reason;
        choice.addEventListener('click', () => { why.remove(); button.focus(); resolve(reason); });
        why.append(choice);
      }
      button.parentElement.append(why);
      why.firstChild.focus();
    });
  }

  function act(button) {
    const turn = button.closest('.nq-turn');
    const question = turn.dataset.question;
    const does = {
      again: () => ask(question),
      edit: () => { fill(box(), question); box().focus(); },
      copy: () => copy(button, plain(replyOf(turn))),
      markdown: () => copy(button, markdown(replyOf(turn))),
      link: () => copy(button, linkTo(question, turn.dataset.filter)),
      up: () => judge(button, turn, 'up'),
      down: () => judge(button, turn, 'down'),
    }[button.dataset.act];
    if (does) does();
  }

  onClick.push((at) => {
    const acting = at('[data-act]');
    if (acting) act(acting);
    const exporting = at('[data-export]');
    if (exporting) {
      const menu = exporting.closest('details');
      save(exporting.dataset.export);
      menu.open = false;
      $('summary', menu).focus();
    }
    return Boolean(acting || exporting);
  });

  // A link asks again, under its filters.
  onBegin.push(() => {
    const wanted = new URLSearchParams(location.search);
    const days = Object.fromEntries(['since', 'until', 'as_of'].map((name) => [name, wanted.get(name)]));
    const sources = wanted.getAll('sources');
    if (sources.length || Object.values(days).some(Boolean)) setFilter({ ...days, sources });
    if (wanted.get('q')) ask(wanted.get('q'));
  });
})();
