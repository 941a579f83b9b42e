// Differences in one column or in two.
const { $$, store } = tick;
const buttons = $$('[data-diff]');
const copyContext = () => $$('.diff .ctx').forEach(context => {
  if (context.children.length > 1) return;
  const copy = context.firstChild.cloneNode(true);
  copy.classList.add('copy-of');
  copy.setAttribute('aria-hidden', 'true');
  context.prepend(copy);
});
const show = layout => {
  if (layout === 'split') copyContext();
  document.documentElement.classList.toggle('split', layout === 'split');
  buttons.forEach(button => button.setAttribute('aria-pressed', button.dataset.diff === layout));
};
buttons.forEach(button => button.addEventListener('click', () => {
  show(button.dataset.diff);
  store.set('tick-diff', button.dataset.diff);
}));
if (buttons.length && store.get('tick-diff') === 'split') show('split');
