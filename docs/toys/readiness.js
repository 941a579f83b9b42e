// Chapter 03. Readiness as the flag of a mailbox: up while there is something
// in it. poll() looks at the flag, it does not remember what it told you.
toy('readiness', 'Let the client send, call poll(), read a little, and call poll() again. Then ask for POLLOUT too.', (kit) => {
  const ROOM = 8;
  let buffer = '';
  let sent = 0;
  let writeInterest = false;
  let asleep = false;
  let spinning = false;
  let wakes = 0;

  const flag = kit.el('span');
  flag.innerHTML = '<svg class="toy-flag" viewBox="0 0 60 36" aria-hidden="true"><path d="M4 34V16a9 9 0 0 1 9-9h22a9 9 0 0 1 9 9v18zM13 7a9 9 0 0 1 9 9v18M27 20h11"/><g class="flag"><path d="M46 26V4h11v8H46"/></g></svg>';
  const says = kit.el('span');
  const state = kit.el('div', { class: 'toy-state' }, flag, says);
  const receive = kit.cells(ROOM, '');
  const count = kit.el('span', { class: 'toy-count' });
  const loop = kit.el('p', { class: 'toy-state' });
  kit.add(state, receive.node, loop);

  const wake = () => {
    asleep = false;
    kit.tell('poll() = 1', `POLLIN: ${buffer.length} byte${buffer.length > 1 ? 's are' : ' is'} waiting, so the flag is up.`, 'right');
  };
  // With write interest left on and nothing to write, poll() never sleeps.
  const spin = () => {
    if (spinning) return;
    spinning = true;
    wakes = 0;
    kit.tell('poll() = 1', 'POLLOUT: there is room in the send buffer. Nothing to write, so poll() again, and again …', 'wrong');
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const turn = () => {
      if (!kit.running || !spinning) return;
      wakes += calm ? 40000 : 1931;
      paint();
      setTimeout(turn, calm ? 1000 : 50);
    };
    turn();
  };

  const send = kit.button('The client sends 3', () => {
    const took = Math.min(3, ROOM - buffer.length);
    for (let i = 0; i < took; i++) buffer += 'abcdefghijklmnopqrstuvwxyz'[sent++ % 26];
    kit.tell('client', took < 3 ? `sends 3, and ${took} fit${took === 1 ? 's' : ''}. The rest waits on its side.` : 'sends 3 bytes into the receive buffer.');
    if (asleep) wake();
  });
  const poll = kit.button('poll()', () => {
    if (writeInterest) spin();
    else if (buffer) wake();
    else {
      asleep = true;
      kit.tell('poll() …', 'The flag is down. Your program sleeps until it goes up, and costs nothing.');
    }
  });
  const read = kit.button('read(2)', () => {
    const got = buffer.slice(0, 2);
    buffer = buffer.slice(2);
    if (!got) kit.tell('read(2) = -1 EAGAIN', 'Nothing there. You did not ask poll() first.', 'wrong');
    else kit.tell(`read(2) = ${got.length}`, `"${got}". ${buffer ? 'Something is left, so the flag stays up.' : 'That was the last byte: the flag goes down.'}`);
  });
  kit.toggle('ask for POLLOUT too', (on) => {
    writeInterest = on;
    kit.tell(on ? 'POLLIN | POLLOUT' : 'POLLIN', on ? '“Wake me when there is something, or when there is room.” There nearly always is room.' : 'Only what you can do something about.');
    if (on && asleep) { asleep = false; spin(); }
    if (!on && spinning) {
      spinning = false;
      if (buffer) wake();
      else { asleep = true; kit.tell('poll() …', `After ${wakes.toLocaleString('en')} wakes for nothing your program sleeps.`, 'right'); }
    }
  });

  const paint = () => {
    flag.firstChild.classList.toggle('up', buffer !== '');
    says.textContent = buffer ? `flag up: ${buffer.length} byte${buffer.length > 1 ? 's' : ''} waiting` : 'flag down: nothing to read';
    receive.show(buffer, `Kernel, receive buffer: ${buffer.length} of ${ROOM} bytes`);
    count.textContent = wakes.toLocaleString('en');
    loop.replaceChildren(...(spinning ? ['Woken for nothing:', count, 'times. CPU: 100 %'] : [asleep ? 'Your program: asleep in poll()' : 'Your program: awake']));
    loop.classList.toggle('wrong', spinning);
    kit.disable(poll, asleep || spinning);
    kit.disable(read, asleep || (spinning && !buffer));
    kit.disable(send, buffer.length === ROOM);
  };
  return paint;
});
