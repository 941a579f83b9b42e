// A callout, its line and its note light up together.
const { $, $$ } = tick;
for (const note of $$('.callouts li')) {
  const marks = (note.dataset.co || '').split(' ').filter(Boolean).map(id => document.getElementById(id)).filter(Boolean);
  const all = [note, ...marks, ...marks.map(mark => mark.closest('.l'))];
  const light = on => all.forEach(node => node.classList.toggle('hot', on));
  for (const node of [note, ...marks]) {
    node.addEventListener('pointerenter', () => light(true));
    node.addEventListener('pointerleave', () => light(false));
    node.addEventListener('focusin', () => light(true));
    node.addEventListener('focusout', () => light(false));
  }
  marks.forEach(mark => { mark.title = $('div', note).textContent.trim(); });
}
