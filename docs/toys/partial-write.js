// Chapter 02. write() takes what fits into the send buffer and says how much
// that was; the rest stays with you. Tick "forget the rest" and it does not.
toy('partial-write', 'Make an answer, write it, let the client read. Do that until the client has all of it. Then tick “forget the rest” and try once more.', (kit) => {
  const ROOM = 8;
  const ANSWERS = ['abcdefghijkl', 'ABCDEFGHIJKL', '012345678901'];
  let answers = 0;
  let promised = ''; // all that the client ought to receive
  let output = ''; // yours: not written yet
  let buffer = ''; // the kernel's: written, not arrived
  let received = '';
  let lost = '';
  let forget = false;

  const mine = kit.cells(24, '');
  const kernel = kit.cells(ROOM, '');
  const client = kit.cells(36, '');
  const gone = kit.cells(24, '');
  const state = kit.el('p', { class: 'toy-state' });
  kit.add(mine.node, kernel.node, client.node, gone.node, state);

  const answer = kit.button('Make an answer of 12', () => {
    const text = ANSWERS[answers++];
    promised += text;
    output += text;
    kit.tell('an answer', `of 12 bytes waits in your output: "${text}"`);
  });
  const write = kit.button('write()', () => {
    const asked = output.length;
    const took = Math.min(asked, ROOM - buffer.length);
    buffer += output.slice(0, took);
    const rest = output.slice(took);
    const call = `write(${asked}) = ${took || '-1 EAGAIN'}`;
    output = forget ? '' : rest;
    if (forget && rest) {
      lost += rest;
      kit.tell(call, `Your code looks away, takes all for sent, and "${rest}" is nowhere any more.`, 'wrong');
    } else if (!took) {
      kit.tell(call, 'Not an error: the buffer is full. Nothing was taken; ask again when the client has read.');
    } else {
      kit.tell(call, rest ? `That was all the room there was. ${rest.length} bytes stay with you.` : 'All of it went.');
    }
  });
  const read = kit.button('The client reads 5', () => {
    const got = buffer.slice(0, 5);
    buffer = buffer.slice(5);
    received += got;
    kit.tell('client', `reads "${got}", and the send buffer has room for ${ROOM - buffer.length}.`);
  });
  kit.toggle('forget the rest', (on) => {
    forget = on;
    kit.tell(on ? 'write(fd, output);' : 'n = write(fd, output);', on ? 'and output is cleared, whatever it returned.' : 'and the first n bytes are taken off output.', on ? 'wrong' : '');
  });

  return () => {
    const firstWrong = [...received].findIndex((letter, i) => letter !== promised[i]);
    mine.show(output, `Your output: ${output.length} bytes to write`);
    kernel.show(buffer, `Kernel, send buffer: ${buffer.length} of ${ROOM} bytes`);
    client.show(received, `The client has received ${received.length} of ${promised.length} bytes`);
    gone.show(lost, `Lost: ${lost.length || 'no'} bytes`);
    for (const part of [mine, client, gone]) {
      for (const cell of part.node.lastChild.children) cell.hidden = !cell.textContent;
    }
    [...client.node.lastChild.children].forEach((cell, i) => cell.classList.toggle('wrong', firstWrong >= 0 && i >= firstWrong && i < received.length));
    for (const cell of gone.node.lastChild.children) cell.classList.toggle('gone', cell.textContent !== '');
    const complete = promised && received === promised;
    state.textContent = firstWrong >= 0
      ? `Byte ${firstWrong + 1} is "${received[firstWrong]}" and should be "${promised[firstWrong]}".`
      : complete ? 'The client has everything, in order.'
      : lost && !buffer && !output ? `The client waits for "${promised[received.length]}", for ever.` : '';
    state.classList.toggle('wrong', !complete);
    state.classList.toggle('right', Boolean(complete));
    kit.disable(answer, answers === ANSWERS.length || output.length > 12);
    kit.disable(write, !output);
    kit.disable(read, !buffer);
  };
});
