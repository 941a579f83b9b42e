// The trace player: steps through the recorded runs of a page. What it shows is
// in the page already, as a picture and as a list of sentences; this adds the
// buttons, the sentence of the moment and the state of the kernel at it.
//
// Keys, only while the figure has the focus: left and right, Home, End, Escape.
// A page may begin in the middle: <figure data-step="12">, page.html#step=12
// (the first figure) or page.html#ID-step=12; 1 is the first event.
(() => {
  'use strict';
  const make = (tag, attributes = {}, ...inside) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...inside);
    return node;
  };
  const number = n => n.toLocaleString('en-US');
  const TITLES = { unread: 'in the kernel, unread', queued: 'queued in the server', replies: 'on the way back', asks: 'asked about' };

  // --- the table of who has what -------------------------------------------
  const cell = (text, old, css = '') => {
    const changed = old !== undefined && old !== text ? ' changed' : '';
    return make('td', { class: (css + changed).trim() }, text);
  };
  const facts = row => {
    const [who, fd, token, unread, end, queued, replies, asks, is] = row;
    const rest = { end: 'end of stream', reset: 'reset' }[end] || '';
    return {
      who, is,
      place: is || `${fd}${token ? ` · ${token}` : ''}`,
      unread: is === 'closed' ? '–' : [unread || !rest ? number(unread) : '', rest].filter(Boolean).join(' + '),
      queued: is === 'closed' ? '–' : number(queued), replies: number(Math.max(0, replies)),
      asks: asks.split(' ').join(' and ') || '–',
    };
  };
  const table = (state, before, columns) => {
    const heads = ['who', 'descriptor', ...columns.map(name => TITLES[name])];
    const body = make('tbody');
    const queue = state.l.join(', ') || 'empty', oldQueue = before && (before.l.join(', ') || 'empty');
    const first = make('tr', { class: 'wl' }, make('th', { scope: 'row' }, 'Listen queue'), cell(queue, oldQueue));
    for (const name of columns) first.append(name === 'asks' ? cell(state.a || '–', before && (before.a || '–')) : make('td'));
    body.append(first);
    state.r.forEach((row, i) => {
      const now = facts(row), old = before && before.r[i] ? facts(before.r[i]) : before ? {} : undefined;
      const line = make('tr', { class: `w${i % 4}` }, make('th', { scope: 'row' }, now.who));
      const was = name => before && (old[name] === undefined ? '' : old[name]);
      line.append(cell(now.place, was('place'), now.is ? 'away' : ''));
      for (const name of columns) line.append(cell(now[name], was(name)));
      body.append(line);
    });
    const threads = make('caption', {}, state.t.map(([name, is]) => `${name}: ${is === 'awake' ? 'at work' : is}`).join(' · '));
    return make('table', {}, threads, make('thead', {}, make('tr', {}, ...heads.map(text => make('th', { scope: 'col' }, text)))), body);
  };

  // --- one figure ------------------------------------------------------------
  const start = (fig, index) => {
    const items = [...fig.querySelectorAll('.player-words li')];
    const box = fig.querySelector('.player-box'), svg = fig.querySelector('.player-line');
    const names = fig.querySelector('.player-labels');
    const cols = [...svg.querySelectorAll('.col')], veil = svg.querySelector('.veil');
    const columns = fig.dataset.columns.split(' ').filter(Boolean);
    const states = items.map(item => JSON.parse(item.dataset.state));
    let at = -1, timer = 0;

    const button = (text, name, act) => {
      const b = make('button', { type: 'button', 'aria-label': name, title: name }, text);
      b.addEventListener('click', () => { stop(); act(); });
      return b;
    };
    const back = button('←', 'Previous event', () => show(at - 1));
    const next = button('Next →', 'Next event', () => show(at + 1));
    const play = make('button', { type: 'button' }, 'Play');
    const all = button('Show all', 'Show all events', () => show(-1));
    const count = make('span', { class: 'player-count' });
    const says = make('p', { class: 'player-says', 'aria-live': 'polite' });
    const strip = make('div', { class: 'player-strip' }), panel = make('div', { class: 'player-state' });
    for (const [part, name] of [[strip, 'Source line'], [panel, 'State']]) {
      part.setAttribute('role', 'group'); part.setAttribute('aria-label', name); part.tabIndex = 0;
    }
    const step = make('div', { class: 'player-step' },
      make('div', { class: 'player-buttons' }, back, next, play, all, count), says, strip, panel);

    const stop = () => {
      clearTimeout(timer);
      timer = 0;
      play.textContent = 'Play';
      play.setAttribute('aria-label', 'Play slowly');
    };
    const tick = () => {
      if (at + 1 >= items.length) return stop();
      show(at + 1);
      timer = setTimeout(tick, 800 + 22 * says.textContent.length);
    };
    play.addEventListener('click', () => {
      if (timer) return stop();
      play.textContent = 'Pause';
      play.setAttribute('aria-label', 'Pause');
      if (at + 1 >= items.length) at = -1;
      tick();
    });

    // Keeps the event in sight, inside the figure's own box.
    const follow = col => {
      const x = col.x.baseVal.value, width = col.width.baseVal.value, room = box.clientWidth - names.clientWidth;
      const left = box.scrollLeft;
      if (x >= left + 8 && x + width <= left + room - 24) return;
      const calm = matchMedia('(prefers-reduced-motion: reduce)').matches || !fig.classList.contains('ready');
      box.scrollTo({ left: Math.max(0, x - room * 0.4), behavior: calm ? 'auto' : 'smooth' });
    };
    const show = i => {
      at = Math.max(-1, Math.min(items.length - 1, i));
      fig.classList.toggle('stepping', at >= 0);
      cols.forEach((col, j) => col.classList.toggle('now', j === at));
      back.disabled = at < 0;
      next.disabled = at === items.length - 1;
      strip.hidden = panel.hidden = at < 0;
      all.hidden = at < 0;
      if (at < 0) {
        says.textContent = 'Press Next, or choose an event in the picture, to walk through the run.';
        count.textContent = `${items.length} events`;
        return;
      }
      const col = cols[at], right = col.x.baseVal.value + col.width.baseVal.value;
      veil.setAttribute('x', right);
      veil.setAttribute('width', Math.max(0, svg.viewBox.baseVal.width - right));
      says.textContent = items[at].querySelector('.says').textContent;
      count.textContent = `${at + 1} of ${items.length} · ${items[at].querySelector('.at').textContent}`;
      const source = items[at].querySelector('.src');
      strip.replaceChildren(source ? source.cloneNode(true) : make('span', { class: 'player-none' }, 'outside the server: no line of its code'));
      panel.replaceChildren(table(states[at], states[at - 1], columns));
      follow(col);
    };

    cols.forEach((col, i) => col.addEventListener('click', () => { stop(); show(i); box.focus({ preventScroll: true }); }));
    fig.addEventListener('keydown', e => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest('.player-words, .player-strip, .player-state')) return;
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: items.length - 1, Escape: -1 }[e.key];
      if (to === undefined) return;
      e.preventDefault();
      stop();
      show(to);
    });
    fig.querySelector('.player-legend').before(step);
    stop();
    const hash = location.hash.match(/^#(?:(.+)-)?step=(\d+)$/);
    const asked = hash && (hash[1] ? hash[1] === fig.id : index === 0) ? hash[2] : fig.dataset.step;
    show(asked ? asked - 1 : -1);
    fig.classList.add('ready');
  };

  document.querySelectorAll('figure.player').forEach(start);
})();
