// The room's window and the presenter's. They post messages to each other
// through opener, which works for files too; either may lead, and either may be
// loaded again. A message says all of where one is, so that none can be lost.
const { $, $$, el, deck } = tick;
const root = document.documentElement;
const presenter = root.classList.contains('desk');
const slug = document.querySelector('main').dataset.slug;
let peer = window.opener;
let heard = 0; // when the other was last heard of

const post = message => {
  try { if (peer && !peer.closed) peer.postMessage({ tick: 'slides', ...message }, '*'); } catch { /* it has gone elsewhere */ }
};

// ---- recorded runs and toys: what is done in one window is done in both ------
const figures = () => $$('.player, .toy', deck.now);
const stepOf = figure => [...figure.querySelectorAll('.col')].findIndex(col => col.classList.contains('now'));
const steps = new Map(); // the last that both know of
const step = (figure, to) => {
  steps.set(figure, to);
  if (stepOf(figure) === to) return;
  const col = figure.querySelectorAll('.col')[to];
  if (col) col.dispatchEvent(new MouseEvent('click', { bubbles: true }));
  else figure.querySelector('.player-buttons button:nth-child(4)')?.click();
};
const runs = () => figures().filter(figure => figure.matches('.player')).map(figure => [figure.id, stepOf(figure)]);

const state = () => ({
  kind: 'state', deck: slug, at: deck.now.id, open: deck.open, black: root.classList.contains('black'), runs: runs(),
});
let following = false; // while one does what the other did
const follow = ({ deck: other, at, open, black, runs: wanted }) => {
  if (other !== slug) {
    if (presenter) location.href = `${other}.html?presenter#${at}`;
    return;
  }
  following = true;
  deck.go(at, open);
  root.classList.toggle('black', black);
  wanted.forEach(([id, to]) => { const figure = document.getElementById(id); if (figure) step(figure, to); });
  following = false;
};
tick.share = () => { if (!following) post(state()); };
deck.onChange(tick.share);

addEventListener('message', event => {
  const { data } = event;
  if (data?.tick !== 'slides' || !event.source || event.source === window) return;
  if (!peer || peer.closed || peer === event.source) peer = event.source; else return;
  heard = Date.now();
  if (data.kind === 'state') follow(data);
  if (data.kind === 'hello') post(state());
  if (data.kind === 'ask') post({ kind: 'here' });
  if (data.kind === 'press') press(data);
});

const controls = figure => [...figure.querySelectorAll('button, input')];
const press = ({ figure, place }) => {
  const target = document.getElementById(figure);
  following = true;
  if (target) controls(target)[place]?.click();
  following = false;
};
addEventListener('click', event => {
  const toy = event.isTrusted && event.target.closest?.('.toy');
  const control = toy && event.target.closest('button, input');
  if (control) post({ kind: 'press', figure: toy.id, place: controls(toy).indexOf(control) });
}, true);

addEventListener('load', () => {
  for (const figure of $$('.player')) {
    steps.set(figure, stepOf(figure));
    const count = $('.player-count', figure);
    if (!count) continue;
    new MutationObserver(() => {
      if (stepOf(figure) === steps.get(figure)) return; // the other knows
      steps.set(figure, stepOf(figure));
      tick.share();
    }).observe(count, { childList: true });
  }
  post({ kind: presenter ? 'hello' : 'ask' });
});

// ---- opening the other window ------------------------------------------------
tick.pair = () => {
  const query = presenter ? '' : '?presenter';
  const opened = window.open(`${location.pathname}${query}#${deck.now.id}`, `tick-slides-${presenter ? 'room' : 'presenter'}`, 'popup,width=1280,height=860');
  if (!opened) return tick.say('The browser keeps the window closed. Allow this page to open one.');
  peer = opened;
};

// ---- the presenter's desk ------------------------------------------------------
if (presenter) {
  const clock = el('p', { className: 'clock' }), spent = el('p'), link = el('p', { role: 'status' });
  const again = el('button', { type: 'button' }, 'Start the clock again');
  const larger = el('button', { type: 'button', 'aria-label': 'A+: larger notes' }, 'A+');
  const smaller = el('button', { type: 'button', 'aria-label': 'A−: smaller notes' }, 'A−');
  let begun = Date.now();
  let type = 1;
  const size = by => { type = Math.max(0.7, Math.min(2, type + by)); root.style.setProperty('--type', type); };
  again.addEventListener('click', () => { begun = Date.now(); show(); });
  larger.addEventListener('click', () => size(0.1));
  smaller.addEventListener('click', () => size(-0.1));
  const two = number => String(Math.floor(number)).padStart(2, '0');
  const show = () => {
    const seconds = (Date.now() - begun) / 1000;
    clock.textContent = new Date().toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
    spent.textContent = `${two(seconds / 60)}:${two(seconds % 60)} gone. The chapter reads in ${$('main').dataset.minutes} min. Slide ${deck.at + 1} of ${deck.leaves.length}.`;
    const alone = Date.now() - heard > 3500;
    link.classList.toggle('alone', alone);
    const text = alone ? 'No window for the room. Press p to open one.' : 'In step with the room’s window.';
    if (link.textContent !== text) link.textContent = text;
    post({ kind: 'ask' });
  };
  document.body.append(el('section', { className: 's-desk', 'aria-label': 'Clock' }, clock, spent, el('p', {}, again), el('p', {}, smaller, ' ', larger), link));
  $('[data-do=presenter]').textContent = 'Window for the room';
  $('[data-do=notes]').hidden = true;
  deck.onChange(() => { $('.notes', deck.now).scrollTop = 0; show(); });
  setInterval(show, 1000);
  show();
}
