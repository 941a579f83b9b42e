// How slides are looked at: one as large as the window, with notes below it, all
// at once, or none.
const { $, $$, deck } = tick;
const root = document.documentElement;
const WIDE = 1280, HIGH = 720;

// Puts a slide into a box of the window.
const put = (leaf, left, top, width, height) => {
  const k = Math.min(width / WIDE, height / HIGH);
  leaf.style.setProperty('--k', k);
  leaf.style.setProperty('--x', `${left + (width - WIDE * k) / 2}px`);
  leaf.style.setProperty('--y', `${top + (height - HIGH * k) / 2}px`);
  return HIGH * k;
};
const desk = () => {
  const high = Math.min(innerHeight * 0.52, innerWidth * 0.58 * HIGH / WIDE);
  const now = high * WIDE / HIGH;
  put(deck.now, 0, 0, now, high);
  const next = deck.leaves[deck.at + 1];
  if (next) put(next, now + 12, 0, innerWidth - now - 12, high * 0.75);
  root.style.setProperty('--desk-top', `${high + 8}px`);
};
const fit = () => {
  if (root.classList.contains('overview')) return;
  if (root.classList.contains('desk')) desk();
  else put(deck.now, 0, 0, innerWidth, innerHeight * (root.classList.contains('noted') ? 0.7 : 1));
};
// What is longer than its slide can be scrolled; a sign says that there is more.
const measure = () => {
  const body = $('.body', deck.now);
  const long = body.scrollHeight > body.clientHeight + 1;
  body.classList.toggle('s-long', long);
  if (!long) return body.removeAttribute('tabindex');
  body.tabIndex = 0;
  const atEnd = () => body.classList.toggle('s-end', body.scrollTop + body.clientHeight >= body.scrollHeight - 2);
  body.onscroll = atEnd;
  atEnd();
};
const growing = new ResizeObserver(measure); // a toy that has more to say
deck.onChange(() => {
  growing.disconnect();
  [...$('.body', deck.now).children].forEach(child => growing.observe(child));
  measure();
});
addEventListener('load', measure);
addEventListener('resize', () => { fit(); measure(); });
deck.onChange(fit);
fit();

const views = tick.views = {
  fit,
  notes() {
    const on = root.classList.toggle('noted');
    $('[data-do=notes]').setAttribute('aria-pressed', on);
    fit();
  },
  overview(on = !root.classList.contains('overview')) {
    root.classList.toggle('overview', on);
    $$('.canvas').forEach(canvas => { canvas.inert = on; });
    if (on) deck.now.scrollIntoView({ block: 'center' }); else { scrollTo(0, 0); fit(); }
  },
  inOverview: () => root.classList.contains('overview'),
  // How many slides stand beside each other there.
  columns: () => deck.leaves.findIndex((leaf, i) => i > 0 && leaf.offsetTop > deck.leaves[0].offsetTop),
  full() {
    if (document.fullscreenElement) document.exitFullscreen(); else root.requestFullscreen?.().catch(() => {});
  },
};
$('main').addEventListener('click', event => {
  const leaf = views.inOverview() && event.target.closest('.leaf');
  if (!leaf) return;
  event.preventDefault();
  views.overview(false);
  deck.go(deck.leaves.indexOf(leaf));
});
// The way back leads to what the slide shows.
const way = () => { $('.s-bar a').href = $('.s-foot a', deck.now).href; };
deck.onChange(way);
way();

deck.onChange(() => views.inOverview() && deck.now.scrollIntoView({ block: 'nearest' }));

// The bar goes away while nobody moves.
let resting = 0;
const stir = () => {
  root.classList.remove('idle');
  clearTimeout(resting);
  resting = setTimeout(() => root.classList.add('idle'), 2500);
};
addEventListener('pointermove', stir);
addEventListener('focusin', stir);
stir();

let saying = 0;
tick.say = text => {
  $('.s-status').textContent = text;
  clearTimeout(saying);
  saying = setTimeout(() => { $('.s-status').textContent = ''; }, 4000);
};
