// Chapter 04. An event that is older than the connection it points to. Found
// by its descriptor it hits whoever has that number now; found by slot and
// generation it finds nobody.
toy('stale-token', 'An event for B lies in the batch. Close B, let a client come, and only then deliver the event. Then the same with tokens.', (kit) => {
  const slots = ['A', 'B', 'C', ''].map((name, i) => ({ name, generation: 1, fd: name ? 5 + i : 0 }));
  const free = [3];
  let newest = slots[2];
  let arrived = 3;
  let tokens = false;
  let hit = null;
  let event = { of: 'B', fd: 6, slot: 1, generation: 1 };

  const list = kit.el('ol', { class: 'toy-slots', 'aria-label': 'The slab' });
  const batch = kit.el('p', { class: 'toy-batch' });
  const state = kit.el('p', { class: 'toy-state' });
  kit.add(list, batch, state);

  const close = (slot) => {
    const { name, fd } = slot;
    slot.name = '';
    slot.fd = 0;
    slot.generation++;
    free.push(slots.indexOf(slot));
    kit.tell(`close(${fd})`, `${name} is gone. Number ${fd} is free; slot ${slots.indexOf(slot)} now waits for tenant ${slot.generation}.`);
  };
  const closeB = kit.button('Close B', () => close(slots.find((slot) => slot.name === 'B')));
  const accept = kit.button('A client comes', () => {
    const index = free.pop();
    const slot = slots[index];
    slot.name = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[arrived++ % 26];
    slot.fd = [5, 6, 7, 8].find((fd) => !slots.some((other) => other.fd === fd));
    newest = slot;
    hit = null;
    kit.tell(`accept() = ${slot.fd}`, `${slot.name} gets the lowest free number, ${slot.fd}, and the slot freed last, ${index}.`);
  });
  const deliver = kit.button('', () => {
    const { of, fd, slot, generation } = event;
    event = null;
    const found = tokens
      ? (slots[slot].name && slots[slot].generation === generation ? slots[slot] : null)
      : slots.find((other) => other.fd === fd);
    const call = tokens ? `get({${slot}, ${generation}})` : `find(fd ${fd})`;
    if (!found) {
      const why = tokens && slots[slot].name ? `Slot ${slot} has tenant ${slots[slot].generation} by now: ${slots[slot].name}, who is left in peace.` : 'Nobody there.';
      kit.tell(`${call} → nobody`, `${why} The event is dropped.`, 'right');
    } else {
      const victim = found.name;
      hit = victim === of ? null : found;
      kit.tell(`${call} → ${victim}`, victim === of ? `It is ${of}’s own hang-up.` : `${of} hung up, and ${victim} is cut off for it.`, hit ? 'wrong' : '');
      close(found);
      state.textContent = hit ? `${victim} had done nothing.` : '';
    }
  });
  const wait = kit.button('wait()', () => {
    const slot = newest.name ? newest : slots.find((other) => other.name);
    event = { of: slot.name, fd: slot.fd, slot: slots.indexOf(slot), generation: slot.generation };
    hit = null;
    kit.tell('wait() = 1', `A new batch: ${slot.name} hangs up.`);
  });
  kit.toggle('find by token', (on) => {
    tokens = on;
    kit.tell(on ? 'token' : 'descriptor', on ? 'An event carries slot and generation.' : 'An event carries the number of a descriptor, and numbers are used again.');
  });

  return () => {
    list.replaceChildren(...slots.map(({ name, fd, generation }, i) => kit.el(
      'li', { class: slots[i] === hit ? 'hit' : name ? '' : 'free' },
      kit.el('strong', {}, name || (slots[i] === hit ? 'cut off' : 'free')),
      kit.el('code', {}, name ? `fd ${fd}` : 'no fd'),
      kit.el('code', {}, `slot ${i} · gen ${generation}`),
    )));
    batch.textContent = event
      ? `In the batch: hang-up of ${event.of}, for ${tokens ? `token {slot ${event.slot}, generation ${event.generation}}` : `descriptor ${event.fd}`}`
      : 'The batch is empty.';
    if (!hit) state.textContent = '';
    state.classList.toggle('wrong', Boolean(hit));
    kit.disable(closeB, !slots.some((slot) => slot.name === 'B'));
    kit.disable(accept, !free.length);
    deliver.textContent = event ? `Deliver ${event.of}’s event` : 'Deliver';
    kit.disable(deliver, !event);
    kit.disable(wait, Boolean(event) || slots.every((slot) => !slot.name));
  };
});
