// Chapter 05. The same bytes for three loops: one is told while there is
// something to read (level), one when something arrives (edge), and one once,
// until it asks again (oneshot).
toy('level-or-edge', 'Let the client send 5, then take turns until all loops sleep. Which clients still wait? Then tick one of the two boxes, or both, and send again.', (kit) => {
  const ROOM = 8;
  let drain = false;
  let rearm = false;
  let sent = 0;
  const loops = ['level', 'edge', 'oneshot'].map((name) => ({ name, buffer: '', news: false, armed: true, part: kit.cells(ROOM, name) }));
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
    kit.tell('client', `sends "${bytes}" to each.`);
  });
  kit.button('One turn', () => {
    for (const loop of loops) {
      const told = { level: loop.buffer !== '', edge: loop.news, oneshot: loop.armed && loop.buffer !== '' }[loop.name];
      loop.news = false;
      if (!told) {
        const why = loop.name === 'edge' ? 'They came before; that is no news.' : 'It has been told once, and did not ask again.';
        kit.tell(`${loop.name}: wait() …`, loop.buffer ? `sleeps, with ${loop.buffer.length} bytes in the buffer. ${why}` : 'sleeps.', loop.buffer ? 'wrong' : '');
        continue;
      }
      loop.armed = rearm;
      const got = loop.buffer.slice(0, drain ? ROOM : 3);
      loop.buffer = loop.buffer.slice(got.length);
      kit.tell(`${loop.name}: wait() = 1`, drain ? `reads "${got}", and once more: EAGAIN.` : `reads "${got}"${loop.buffer ? `, leaves ${loop.buffer.length}` : ''}.`);
    }
  });
  kit.toggle('read until EAGAIN', (on) => {
    drain = on;
    kit.tell(on ? 'read until EAGAIN' : 'read(3) once', on ? 'Each turn empties the buffer.' : 'Each turn takes at most three bytes.');
  });

  kit.toggle('re-arm the oneshot', (on) => {
    rearm = on;
    if (on) loops[2].armed = true;
    kit.tell(on ? 'modify()' : 'no modify()', on ? 'The oneshot is armed now, and after each event.' : 'After its next event the oneshot is silent.');
  });

  return () => {
    for (const { name, buffer, part } of loops) part.show(buffer, `${name}: ${buffer.length} of ${ROOM} bytes unread`);
    const [, edge, oneshot] = loops;
    const lost = [];
    if (edge.buffer && !edge.news) lost.push(`Edge: nobody will be told of "${edge.buffer}" until more arrives.`);
    if (oneshot.buffer && !oneshot.armed) lost.push(`Oneshot: nobody will be told of "${oneshot.buffer}", whatever arrives.`);
    state.textContent = lost.join(' ');
    state.classList.toggle('wrong', lost.length > 0);
    kit.disable(send, loops.every((loop) => loop.buffer.length === ROOM));
  };
});
