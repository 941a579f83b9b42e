// Chapter 05. The same bytes for two loops: one is told while there is
// something to read (level), the other when something arrives (edge).
toy('level-or-edge', 'Let the client send 5, then take turns until both loops sleep. Which client still waits? Then tick “read until EAGAIN”.', (kit) => {
  const ROOM = 8;
  let drain = false;
  let sent = 0;
  const loops = ['level', 'edge'].map((name) => ({ name, buffer: '', news: false, part: kit.cells(ROOM, name) }));
  const state = kit.el('p', { class: 'toy-state' });
  kit.add(kit.el('div', { class: 'toy-columns' }, ...loops.map((loop) => loop.part.node)), state);

  const send = kit.button('The client sends 5', () => {
    let bytes = '';
    for (let i = 0; i < 5; i++) bytes += 'abcdefghijklmnopqrstuvwxyz'[sent++ % 26];
    for (const loop of loops) {
      const took = bytes.slice(0, ROOM - loop.buffer.length);
      loop.buffer += took;
      if (took) loop.news = true;
    }
    kit.tell('client', `sends "${bytes}" to both.`);
  });
  kit.button('One turn', () => {
    for (const loop of loops) {
      const told = loop.name === 'edge' ? loop.news : loop.buffer !== '';
      loop.news = false;
      if (!told) {
        kit.tell(`${loop.name}: wait() …`, loop.buffer ? `sleeps, with ${loop.buffer.length} bytes in the buffer. They came before; that is no news.` : 'sleeps.', loop.buffer ? 'wrong' : '');
        continue;
      }
      const got = loop.buffer.slice(0, drain ? ROOM : 3);
      loop.buffer = loop.buffer.slice(got.length);
      kit.tell(`${loop.name}: wait() = 1`, drain ? `reads "${got}", and once more: EAGAIN.` : `reads "${got}"${loop.buffer ? `, leaves ${loop.buffer.length}` : ''}.`);
    }
  });
  kit.toggle('read until EAGAIN', (on) => {
    drain = on;
    kit.tell(on ? 'read until EAGAIN' : 'read(3) once', on ? 'Each turn empties the buffer.' : 'Each turn takes at most three bytes.');
  });

  return () => {
    for (const { name, buffer, part } of loops) part.show(buffer, `${name}: ${buffer.length} of ${ROOM} bytes unread`);
    const edge = loops[1];
    const stuck = edge.buffer !== '' && !edge.news;
    state.textContent = stuck ? `Edge: nobody will be told of "${edge.buffer}" until more arrives.` : '';
    state.classList.toggle('wrong', stuck);
    kit.disable(send, loops.every((loop) => loop.buffer.length === ROOM));
  };
});
