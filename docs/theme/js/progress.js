// What the reader has done: exercises ticked off, questions answered.
const { $, $$, store } = tick;
const doneKey = (page, id) => `tick-done:${page}:${id}`;
const answerKey = (page, id) => `tick-answer:${page}:${id}`;

const tally = () => $$('.progress').forEach(mark => {
  const { page, total } = mark.dataset;
  let done = 0;
  try {
    for (let i = 0; i < localStorage.length; i++) {
      const key = localStorage.key(i);
      const answered = key.startsWith(answerKey(page, '')) && localStorage.getItem(key).startsWith('right');
      if (key.startsWith(doneKey(page, '')) || answered) done++;
    }
  } catch { /* nothing is kept */ }
  mark.textContent = done ? `${done}/${total}` : '';
  mark.classList.toggle('all', done >= total);
  mark.title = `${done} of ${total} done`;
});

for (const box of $$('[data-done]')) {
  const key = doneKey(tick.page, box.dataset.done);
  const paint = () => box.closest('.exercise').classList.toggle('is-done', box.checked);
  box.checked = store.get(key) === '1';
  box.addEventListener('change', () => { store.set(key, box.checked ? '1' : null); paint(); tally(); });
  paint();
}

// Choosing an answer shows why it is right or wrong; "Not sure" shows the right one.
for (const quiz of $$('.quiz')) {
  const key = answerKey(tick.page, quiz.dataset.quiz);
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
    if (remember) store.set(key, `${chosen.classList.contains('right') ? 'right' : 'other'} ${value}`);
    tally();
  };
  quiz.addEventListener('change', event => show(event.target.value, true));
  show((store.get(key) || '').split(' ')[1] ?? '', false);
}
tally();
