// What the reader has done: exercises ticked off, questions answered. It stays
// in this browser, under the page on which it stands, also in the printed book.
const { $, $$, store } = tick;
const pageOf = node => node.closest('.sheet')?.id.slice(2) ?? tick.page;
const key = (what, page, id) => `tick-${what}:${page}:${id}`;

// Of a page: what was ticked off, and what was answered right.
const count = page => {
  let done = 0;
  try {
    for (let i = 0; i < localStorage.length; i++) {
      const name = localStorage.key(i);
      const answered = name.startsWith(key('answer', page, '')) && localStorage.getItem(name).startsWith('right');
      if (name.startsWith(key('done', page, '')) || answered) done++;
    }
  } catch { /* nothing is kept */ }
  return done;
};

const tally = () => $$('.progress').forEach(mark => {
  const total = Number(mark.dataset.total);
  const done = Math.min(count(mark.dataset.page), total);
  mark.textContent = done ? (mark.dataset.says ?? '{}').replace('{}', `${done}/${total}`) : '';
  mark.classList.toggle('all', done >= total);
  mark.title = `${done} of ${total} done`;
});

for (const box of $$('[data-done]')) {
  const name = key('done', pageOf(box), box.dataset.done);
  const card = box.closest('.exercise');
  const paint = () => {
    card.classList.toggle('is-done', box.checked);
    $(`[data-for="${box.dataset.done}"]`, card.parentNode)?.classList.toggle('is-done', box.checked);
  };
  box.checked = store.get(name) === '1';
  box.addEventListener('change', () => {
    store.set(name, box.checked ? '1' : null);
    paint();
    tally();
    const wrong = $('.wrong', card);
    if (wrong) wrong.open = box.checked;
  });
  paint();
}

// Choosing an answer shows why it is right or wrong; "Not sure" shows the right one.
for (const quiz of $$('.quiz')) {
  const name = key(quiz.dataset.kept, pageOf(quiz), quiz.dataset.quiz);
  const show = (value, remember) => {
    const input = $(`input[value="${value}"]`, quiz);
    if (!input) return;
    input.checked = true;
    const chosen = input.closest('.answer');
    const unsure = value === 'unsure';
    for (const answer of $$('.answer', quiz)) {
      const open = answer === chosen || (unsure && answer.classList.contains('right'));
      answer.classList.toggle('open', open);
      const why = $('details', answer);
      if (why) why.open = open;
    }
    $('.verdict', quiz).textContent = unsure ? 'Fair enough. The right answer is marked, with its reason.' : '';
    if (remember) store.set(name, `${chosen.classList.contains('right') ? 'right' : 'other'} ${value}`);
    tick.asking(quiz, $('[data-key]', chosen)?.dataset.key);
    tally();
  };
  quiz.addEventListener('change', event => show(event.target.value, true));
  show((store.get(name) || '').split(' ')[1] ?? '', false);
}

for (const field of $$('[data-note]')) {
  const name = key('note', pageOf(field), field.dataset.note);
  field.value = store.get(name) ?? '';
  const ask = () => tick.asking(field, field.value.trim());
  field.addEventListener('input', () => { store.set(name, field.value.trim() || null); ask(); });
  ask();
}
tally();
