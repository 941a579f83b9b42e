// Keys, as clickers send them and as people press them. Letters can be switched
// off (WCAG 2.1.4); a figure that has the focus keeps its arrows.
const { $, $$, store, deck, views } = tick;
const root = document.documentElement;
const help = $('#ui-keys');
const on = $('#ui-keys-on');
on.checked = store.get('tick-keys') !== 'off';
on.addEventListener('change', () => store.set('tick-keys', on.checked ? null : 'off'));

// Down and up: through a recorded run, or what is longer than its slide.
const inside = by => {
  if (views.inOverview()) return deck.go(deck.at + by * Math.max(1, views.columns()));
  const button = $(`.player-buttons button:nth-child(${by > 0 ? 2 : 1})`, deck.now);
  if (button) return button.click();
  const long = $$('.s-long', deck.now)[0];
  if (long) return long.scrollBy({ top: by * 120 });
  if (by > 0) deck.forward(); else deck.back();
};
const actions = {
  forward: () => deck.forward(), back: () => deck.back(), overview: () => views.overview(), notes: () => views.notes(),
  presenter: () => tick.pair(), full: () => views.full(), help: () => help.showModal(),
};
$$('[data-do]').forEach(button => button.addEventListener('click', actions[button.dataset.do]));

const moves = {
  ArrowRight: actions.forward, PageDown: actions.forward, ' ': actions.forward, ArrowLeft: actions.back, PageUp: actions.back,
  ArrowDown: () => inside(1), ArrowUp: () => inside(-1), Home: () => deck.go(0), End: () => deck.go(deck.leaves.length - 1),
  Escape: () => views.overview(false), Enter: () => views.inOverview() ? views.overview(false) : deck.forward(),
};
const letters = {
  a: () => deck.answer(), n: actions.notes, p: actions.presenter, o: actions.overview, f: actions.full, t: () => tick.nextTheme(),
  v: () => $('.s-bar a').click(), '?': actions.help,
  b: () => { root.classList.toggle('black'); tick.share(); },
};
addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  // A box that was ticked must not keep the clicker's keys.
  if (event.target.matches('input:not([type=checkbox]), textarea, select') || $('dialog[open]')) return;
  if ((event.key === ' ' || event.key === 'Enter') && event.target.closest('a, button, summary, input')) return;
  const letter = on.checked || event.key === '?' ? letters[event.key] : undefined;
  const action = moves[event.key === ' ' && event.shiftKey ? 'ArrowLeft' : event.key] ?? letter;
  if (action) { event.preventDefault(); action(); }
});
