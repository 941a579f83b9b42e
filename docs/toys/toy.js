// What the toys share. A page with a toy loads this file first, then the toy's
// own: <script defer src="toy.js">, <script defer src="….js">; and toys.css.
// Plain scripts, no modules, so that they work from file:// too.
//
//   toy('name', 'What to try first.', (kit) => { … return paint; });
//
// finds every <figure data-toy="name"> and calls the function for each one.
// What the figure holds already stays: its caption above the toy, and a text
// for readers without JavaScript (class="noscript"), hidden but for print.
// It builds the toy with kit.add(…), returns what repaints it, and starts from
// nothing: the Reset button empties the figure and calls it again.
(() => {
  const el = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };

  const setUp = (figure, task, build) => {
    const box = el('div', { class: 'toy-box' });
    const controls = el('div', { class: 'toy-controls' });
    const log = el('div', { class: 'toy-log', role: 'log', 'aria-label': 'What happened', tabindex: '0' });
    const kit = {
      el,
      running: true, // false after a reset: timers look at it
      add: (...nodes) => box.append(...nodes),
      // Tells what happened: the call, its result, and why. The last six stay.
      tell: (what, why = '', kind = '') => {
        log.append(el('p', kind ? { class: kind } : {}, el('b', {}, what), ' ' + why));
        while (log.children.length > 6) log.firstChild.remove();
        log.scrollTop = log.scrollHeight;
      },
      button: (label, action) => {
        const button = el('button', { type: 'button' }, label);
        button.addEventListener('click', () => {
          if (button.getAttribute('aria-disabled') === 'true') return;
          action();
          paint();
        });
        controls.append(button);
        return button;
      },
      // A button that cannot be used keeps the focus, for who plays by keyboard.
      disable: (button, yes) => button.setAttribute('aria-disabled', String(yes)),
      toggle: (label, action) => {
        const input = el('input', { type: 'checkbox' });
        input.addEventListener('change', () => { action(input.checked); paint(); });
        controls.append(el('label', {}, input, label));
        return input;
      },
      // A row of cells for bytes or clients; show(…) fills them from the left.
      cells: (count, label) => {
        const row = el('div', { class: 'toy-cells', 'aria-hidden': 'true' });
        for (let i = 0; i < count; i++) row.append(el('i'));
        const title = el('div', { class: 'toy-label' }, label);
        const node = el('div', { class: 'toy-part' }, title, row);
        const show = (contents, text = label) => {
          title.textContent = text;
          [...row.children].forEach((cell, i) => {
            cell.textContent = contents[i] ?? '';
            cell.classList.toggle('full', contents[i] !== undefined);
          });
        };
        return { node, show };
      },
    };
    let paint = () => {};
    box.append(el('p', { class: 'toy-task' }, task), controls); // above what grows
    paint = build(kit);
    const reset = el('button', { type: 'button', class: 'toy-reset' }, 'Reset');
    reset.addEventListener('click', () => {
      kit.running = false;
      box.remove();
      setUp(figure, task, build).querySelector('.toy-reset').focus();
    });
    controls.append(reset);
    box.append(log);
    figure.classList.toggle('toy-on', true);
    figure.append(box);
    paint();
    return box;
  };

  window.toy = (name, task, build) => {
    for (const figure of document.querySelectorAll(`[data-toy="${name}"]`)) setUp(figure, task, build);
  };
})();
