// Copy buttons: code without its numbers, of a terminal only the commands.
const { $$, el } = tick;
const icon = path => `<svg viewBox="0 0 24 24" aria-hidden="true">${path}</svg>`;
const sheets = icon('<rect x="9" y="9" width="11" height="11" rx="2"/><path d="M5 15V6a2 2 0 0 1 2-2h8"/>');
const done = icon('<path d="m5 12.5 4.5 4.5L19 7.5"/>');

const write = async text => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { // a page on file:// may not always do it that way
    const area = el('textarea', { value: text });
    document.body.append(area);
    area.select();
    const ok = document.execCommand('copy');
    area.remove();
    return ok;
  }
};

for (const figure of $$('figure.code')) {
  const button = el('button', { type: 'button', className: 'copy', title: 'Copy', 'aria-label': 'Copy code' });
  button.innerHTML = sheets;
  button.addEventListener('click', async () => {
    const lines = $$(figure.classList.contains('console') ? '.cmd' : '.l', figure);
    const ok = await write(lines.map(line => line.textContent.replace(/\s+$/, '')).join('\n') + '\n');
    button.innerHTML = ok ? done : sheets;
    button.classList.toggle('ok', ok);
    setTimeout(() => { button.innerHTML = sheets; button.classList.remove('ok'); }, 1400);
  });
  if (!figure.classList.contains('console') || $$('.cmd', figure).length) figure.append(button);
}
