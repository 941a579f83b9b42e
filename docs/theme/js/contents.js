// The contents: a drawer on narrow pages, and where in the page one is.
const { $, $$ } = tick;
const root = document.documentElement;
const menu = $('.menu');
const drawer = open => {
  root.classList.toggle('nav-open', open);
  menu.setAttribute('aria-expanded', open);
};
menu.addEventListener('click', () => drawer(!root.classList.contains('nav-open')));
$('main').addEventListener('click', () => drawer(false));
$('#ui-side').addEventListener('click', event => event.target.closest('a') && drawer(false));
addEventListener('keydown', event => event.key === 'Escape' && drawer(false));
$('.here a')?.scrollIntoView({ block: 'nearest' });

const entries = new Map($$('.toc a').map(link => [decodeURIComponent(link.hash.slice(1)), link]));
const headings = $$('main :is(h2, h3)[id]').filter(heading => entries.has(heading.id));
const follow = () => {
  root.classList.toggle('scrolled', scrollY > 160);
  let current = headings[0];
  for (const heading of headings) {
    if (heading.getBoundingClientRect().top < innerHeight * 0.25) current = heading;
  }
  entries.forEach(link => link.classList.remove('on'));
  if (current && scrollY > 80) entries.get(current.id).classList.add('on');
};
addEventListener('scroll', follow, { passive: true });
follow();
