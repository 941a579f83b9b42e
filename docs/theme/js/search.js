// Search: a few hundred records, one a section, scored where they lie. The
// index is a script, because a page on file:// may not fetch.
const { $, $$, el } = tick;
const dialog = $('#ui-search');
const input = $('input', dialog);
const hits = $('#ui-hits');
const status = $('.status', dialog);
let records = null;
let selected = 0;

const load = () => records ? Promise.resolve() : new Promise((resolve, reject) => {
  document.head.append(el('script', {
    src: 'assets/search-index.js',
    onload() {
      records = window.TICK_SEARCH.map(r => ({ ...r, lt: r.t.toLowerCase(), lx: r.x.toLowerCase(), lk: r.k.toLowerCase() }));
      resolve();
    },
    onerror: reject,
  }));
});

const escape = text => text.replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }[c]));

// Every word must be found: titles count most, then text, then code.
const score = (record, words) => {
  let sum = 0;
  for (const word of words) {
    const at = record.lt.indexOf(word);
    let value = at < 0 ? 0 : at === 0 ? 14 : /\W/.test(record.lt[at - 1]) ? 10 : 5;
    for (let i = -1, n = 0; n < 6 && (i = record.lx.indexOf(word, i + 1)) >= 0; n++) {
      value += (i === 0 || /\W/.test(record.lx[i - 1]) ? 1.5 : 0.5) / (1 + n * 0.5);
    }
    if (record.lk.includes(word)) value += 1;
    if (!value) return 0;
    sum += value;
  }
  return sum;
};

const excerpt = (record, words) => {
  const inText = words.some(word => record.lx.includes(word));
  const [text, lower] = inText || !words.some(word => record.lk.includes(word)) ? [record.x, record.lx] : [record.k, record.lk];
  const first = Math.min(...words.map(word => lower.indexOf(word)).filter(at => at >= 0), Infinity);
  const from = first === Infinity ? 0 : Math.max(0, first - 36);
  let html = escape((from ? '… ' : '') + text.slice(from, from + 130));
  const pattern = words.map(word => escape(word).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  if (pattern) html = html.replace(new RegExp(pattern, 'gi'), '<mark>$&</mark>');
  return html;
};

const pick = index => {
  const links = $$('a', hits);
  if (!links.length) return input.removeAttribute('aria-activedescendant');
  selected = (index + links.length) % links.length;
  links.forEach((link, i) => link.setAttribute('aria-selected', i === selected));
  links[selected].scrollIntoView({ block: 'nearest' });
  input.setAttribute('aria-activedescendant', links[selected].id);
};

const run = () => {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.length === 0 ? [] : records.map(record => [score(record, words), record])
    .filter(([value]) => value).sort((a, b) => b[0] - a[0]).slice(0, 12);
  hits.innerHTML = found.map(([, r], i) => `<a role="option" id="hit${i}" href="${escape(r.u)}"><small>${escape(r.c)}</small>`
    + `<b>${escape(r.t)}</b><span class="x">${excerpt(r, words)}</span></a>`).join('');
  status.textContent = words.length === 0 ? 'Type a word: a function, the name of an error, a chapter.'
    : found.length ? '' : `Nothing matches “${input.value}”.`;
  pick(0);
};

tick.openSearch = async () => {
  dialog.showModal();
  input.select();
  try { await load(); run(); } catch { status.textContent = 'The index of the search did not load.'; }
};
$('.search-open').addEventListener('click', tick.openSearch);
input.addEventListener('input', () => records && run());
input.addEventListener('keydown', event => {
  if (event.key === 'ArrowDown') { event.preventDefault(); pick(selected + 1); }
  if (event.key === 'ArrowUp') { event.preventDefault(); pick(selected - 1); }
  if (event.key === 'Enter') {
    event.preventDefault();
    const link = $$('a', hits)[selected];
    if (link) { dialog.close(); location.href = link.href; }
  }
});
dialog.addEventListener('click', event => { if (event.target === dialog || event.target.closest('a')) dialog.close(); });
