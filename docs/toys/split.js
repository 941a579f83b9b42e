// Chapter 07. Three messages in one stream: "hello", nothing, "hi". However
// the reads cut it, the decoder gives the same three; unless the reader ticks
// "a read is a message", and then it depends.
toy('split', 'Three messages lie in the stream. Let reads bring it in any pieces you like, until all of it has come. Then reset, tick “a read is a message”, and do the same again.', (kit) => {
  const SAID = ['hello', '', 'hi'];
  const stream = SAID.flatMap((text) => [...'0000000', String(text.length), ...text]);
  let at = 0; // bytes that reads have brought
  let reads = 0;
  let naive = false;
  let header = [];
  let payload = []; // of the message under way
  const heard = [];

  const wire = kit.cells(stream.length, '');
  const length = kit.cells(8, '');
  const body = kit.cells(5, '');
  const state = kit.el('p', { class: 'toy-state' });
  kit.add(wire.node, length.node, body.node, state);

  const quoted = (text) => (text ? `“${text}”` : 'an empty message');

  // One byte, and the message that it makes whole, if it does.
  const take = (byte) => {
    if (header.length < 8) header.push(byte);
    else payload.push(byte);
    if (header.length < 8 || payload.length < Number(header[7])) return undefined;
    const text = payload.join('');
    header = [];
    payload = [];
    return text;
  };

  const decode = (piece) => {
    const whole = piece.map(take).filter((text) => text !== undefined);
    heard.push(...whole);
    if (whole.length) return `and out comes ${whole.map(quoted).join(', then ')}.`;
    if (!header.length && !payload.length) return 'and nothing is under way.';
    const missing = header.length < 8 ? 8 - header.length : Number(header[7]) - payload.length;
    return header.length < 8
      ? `and ${missing} of the eight bytes of a length are still missing.`
      : `and ${missing} of ${header[7]} bytes are still missing.`;
  };

  const read = (count) => {
    const piece = stream.slice(at, at + count);
    at += piece.length;
    reads++;
    const call = `read() = ${piece.length}`;
    if (naive) {
      heard.push(piece.slice(8).join(''));
      kit.tell(call, `and that is taken for one message: ${quoted(heard[heard.length - 1])}.`, 'wrong');
    } else {
      kit.tell(call, decode(piece));
    }
  };

  const buttons = [
    kit.button('A read brings 1 byte', () => read(1)),
    kit.button('3 bytes', () => read(3)),
    kit.button('8 bytes', () => read(8)),
    kit.button('All the rest', () => read(stream.length)),
  ];
  const box = kit.toggle('a read is a message', (on) => {
    naive = on;
    kit.tell(on ? 'message = read()' : 'decoder.commit(read())', on ? 'Each read is taken for a message, without its first eight bytes.' : 'Each read goes to the decoder.', on ? 'wrong' : '');
  });

  return () => {
    const done = at === stream.length;
    const right = heard.length === SAID.length && heard.every((text, i) => text === SAID[i]);
    wire.show(stream.slice(at), `On the way: ${stream.length - at} of ${stream.length} bytes`);
    length.show(header, `The decoder’s length: ${header.length} of 8 bytes`);
    body.show(payload, header.length === 8 ? `Its payload: ${payload.length} of ${header[7]} bytes` : 'Its payload: none yet');
    const list = heard.length ? `Heard: ${heard.map(quoted).join(', ')}.` : 'Heard: nothing yet.';
    const end = done ? (right ? ` ${reads} ${reads === 1 ? 'read' : 'reads'}, three messages.` : ' That is not what was said.') : '';
    state.textContent = list + end;
    state.classList.toggle('wrong', done && !right);
    state.classList.toggle('right', done && right);
    for (const button of buttons) kit.disable(button, done);
    box.disabled = at > 0;
  };
});
