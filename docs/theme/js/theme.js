// Theme: as the system says, dark, light.
const { $, store } = tick;
const root = document.documentElement;
const themes = [null, 'dark', 'light'];
const button = $('.theme');
const label = () => { button.title = `Theme: ${root.dataset.theme || 'as the system says'}`; };

tick.nextTheme = () => {
  const next = themes[(themes.indexOf(root.dataset.theme || null) + 1) % themes.length];
  if (next) root.dataset.theme = next; else delete root.dataset.theme;
  store.set('tick-theme', next);
  label();
};
button.addEventListener('click', tick.nextTheme);
label();
