// Chapter 01. One thread serves one client; the next ones wait in the listen
// queue, connected and with their bytes in the kernel, though nobody has
// accepted them; those after them do not even get an answer to connect().
//
// All of it follows from one list, the clients in the order of their coming.
toy('backlog', 'Let seven clients come. Who believes that all is well, and who is still waiting for connect()?', (kit) => {
  const QUEUE = 4;
  const MOST_THREADS = 7; // what this small machine can carry
  let clients = [];
  let arrived = 0;
  let threads = false;

  const program = kit.cells(MOST_THREADS, '');
  const queue = kit.cells(QUEUE, '');
  const outside = kit.cells(8, '');
  const state = kit.el('p', { class: 'toy-state' });
  kit.add(program.node, queue.node, outside.node, state);

  const served = () => (threads ? MOST_THREADS : 1);
  const place = (i) => (i < served() ? 'program' : i < served() + QUEUE ? 'queue' : 'outside');
  const places = () => new Map(clients.map((name, i) => [name, place(i)]));

  // What became of those who could move on.
  const moved = (before) => {
    clients.forEach((name, i) => {
      if (before.get(name) === 'outside' && place(i) !== 'outside') {
        kit.tell(`${name}: connect() = 0`, 'Its kernel had asked again, and now there is room.');
      }
      if (before.get(name) !== 'program' && place(i) === 'program') {
        kit.tell('accept()', `takes ${name}, and read() finds its 5 bytes, long since there.`, 'right');
      }
    });
  };

  const come = kit.button('A client comes', () => {
    const name = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[arrived++ % 26];
    if (threads && clients.length === MOST_THREADS) {
      kit.tell(`${name}: connect() = 0`, 'accept() takes it, but the machine has no thread left. Sorry: closed.', 'wrong');
      return;
    }
    clients.push(name);
    const where = place(clients.length - 1);
    if (where === 'program') kit.tell(`${name}: connect() = 0`, `accept() takes it; ${threads ? 'a new' : 'the only'} thread sleeps in read(), for ${name} alone.`);
    if (where === 'queue') kit.tell(`${name}: connect() = 0, write() = 5`, `To ${name} all is well. The kernel shook hands and keeps the bytes; nobody reads them.`);
    if (where === 'outside') kit.tell(`${name}: connect() …`, 'The queue is full, so the kernel lets the request drop. No error: it is sent again after 1, 2, 4 … seconds.', 'wrong');
  });
  const leave = kit.button('', () => {
    const before = places();
    const name = clients.shift();
    kit.tell(`${name} leaves`, 'Its read() returns 0.');
    moved(before);
  });
  kit.toggle('a thread each', (on) => {
    const before = places();
    const refused = on ? clients.splice(MOST_THREADS) : [];
    threads = on;
    kit.tell(on ? 'a thread each' : 'one thread', on ? 'One more thread sleeps in accept().' : 'Whoever came first is served.');
    moved(before);
    if (refused.length) kit.tell(`${refused.join(', ')}: closed`, 'The machine had no thread left for them.', 'wrong');
  });

  return () => {
    const of = (where) => clients.filter((_, i) => place(i) === where);
    const [inside, queued, out] = ['program', 'queue', 'outside'].map(of);
    program.show(inside, `Your program: ${inside.length ? `${inside.length} thread${inside.length > 1 ? 's' : ''} asleep in read()` : 'asleep in accept()'}`);
    queue.show(queued, `Kernel, listen queue: connected, ${queued.length * 5} bytes, read by nobody`);
    outside.show(out, `Outside: ${out.length} in connect(), no answer`);
    [...program.node.lastChild.children].forEach((cell, i) => { cell.hidden = i >= served(); });
    for (const cell of queue.node.lastChild.children) cell.classList.toggle('queued', cell.classList.contains('full'));
    [...outside.node.lastChild.children].forEach((cell, i) => { cell.hidden = i >= out.length; cell.classList.toggle('outside', i < out.length); });
    state.textContent = threads
      ? `${inside.length} clients, ${inside.length + 1} threads, ${8 * inside.length} MiB of stack promised to clients`
      : `${Math.min(1, inside.length)} of ${clients.length} clients served`;
    state.classList.toggle('wrong', !threads && clients.length > 1);
    kit.disable(come, out.length === 8);
    leave.textContent = clients.length ? `${clients[0]} leaves` : 'Nobody is here';
    kit.disable(leave, !clients.length);
  };
});
