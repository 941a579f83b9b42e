// Single keys, which can be switched off (WCAG 2.1.4). Never the bare arrows:
// they belong to the page, and to the figure that has the focus.
const { $, store } = tick;
const help = $('#ui-keys');
const on = $('#ui-keys-on');
on.checked = store.get('tick-keys') !== 'off';
on.addEventListener('change', () => store.set('tick-keys', on.checked ? null : 'off'));

const go = rel => { const link = $(`link[rel=${rel}]`); if (link) location.href = link.href; };
const actions = {
  '/': () => tick.openSearch(), s: () => tick.openSearch(), t: () => tick.nextTheme(),
  n: () => go('next'), p: () => go('prev'), v: () => $('a.slides')?.click(), '?': () => help.showModal(),
};
addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.matches('input, textarea, select') || $('dialog[open]')) return;
  if (!on.checked && event.key !== '?') return;
  const action = actions[event.key];
  if (action) { event.preventDefault(); action(); }
});
