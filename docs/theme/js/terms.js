// The tooltip of a term opens above it and to the right, as far as the page has
// room there. Escape closes it.
const { $, $$ } = tick;
for (const term of $$('.term-first')) {
  const tip = $('.tip', term);
  const open = () => {
    tip.classList.remove('below', 'closed');
    tip.style.translate = '0';
    const box = tip.getBoundingClientRect();
    const beyond = Math.max(0, box.right - (document.documentElement.clientWidth - 8));
    tip.style.translate = `${-Math.min(beyond, box.left - 8)}px`;
    tip.classList.toggle('below', box.top < 60);
  };
  term.addEventListener('pointerenter', open);
  term.addEventListener('focusin', open);
  addEventListener('keydown', event => { if (event.key === 'Escape') tip.classList.add('closed'); });
}
