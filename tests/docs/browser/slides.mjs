// Shows the slides of a chapter as a room would see them, from file://.
//
//   node slides.mjs BOOK 'a claim'    tries that one
//   node slides.mjs BOOK              tries all
//   node slides.mjs BOOK axe light|dark    looks for barriers on all slides
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { Book, DEADLINE, launch, packages } from './chromium.mjs';

const [folder, chosen, ...rest] = process.argv.slice(2);
const book = new Book(folder);
const claims = new Map();
const claim = (name, body, options = {}) => claims.set(name, { options, body });

const decks = () => book.pages().filter(name => name.startsWith('slides-'));
const deckWith = (...needles) => {
  const name = decks().find(deck => needles.every(text => book.html(deck).includes(text)));
  assert.ok(name, `no slides have ${needles.join(' and ')}`);
  return name;
};
const until = async (page, what, condition, argument) => {
  try {
    await page.waitForFunction(condition, argument, { timeout: DEADLINE });
  } catch (error) {
    throw new Error(`never came: ${what} (${error.message.split('\n')[0]})`);
  }
};
const now = page => page.evaluate(() => ({ id: tick.deck.now.id, open: tick.deck.open, at: tick.deck.at, count: tick.deck.leaves.length }));
const goTo = (page, selector) => page.evaluate(wanted => {
  const leaf = document.querySelector(wanted).closest('.leaf');
  tick.deck.go(leaf.id);
  return leaf.id;
}, selector);

// ---- nothing is larger than its slide, nothing too small to read ------------
// In the page: what is wrong with the slides from `first` on, before anything
// was done with them and after, when all is open that can be.
const measure = ([first, last, least]) => {
  const { deck } = tick;
  const look = () => {
    const canvas = deck.now.querySelector('.canvas');
    const k = canvas.getBoundingClientRect().width / 1280;
    const foot = canvas.querySelector('.s-foot').getBoundingClientRect();
    const wrong = [];
    for (const node of canvas.querySelectorAll('h2, .lead, .body *')) {
      if (node.closest('.player-box svg, .drawing svg, .player-box, .player-strip, .toy-log')) continue;
      const box = node.getBoundingClientRect();
      if (!box.width || !box.height) continue;
      const name = `${node.tagName.toLowerCase()}.${node.getAttribute('class') ?? ''}`;
      if (box.bottom > foot.top + 1) wrong.push(`${name} ends ${Math.round((box.bottom - foot.top) / k)} px below the foot`);
      if (box.right > foot.right + 1) wrong.push(`${name} ends ${Math.round((box.right - foot.right) / k)} px beyond the margin`);
    }
    for (const box of canvas.querySelectorAll('.player-box, .player-strip, .toy-log, .drawing')) {
      if (box.getBoundingClientRect().bottom > foot.top + 1) wrong.push(`${box.className} reaches over the foot`);
    }
    for (const box of canvas.querySelectorAll('.scroll')) {
      if (box.scrollWidth > box.clientWidth + 1) wrong.push(`a listing is ${box.scrollWidth - box.clientWidth} px too wide`);
    }
    for (const pre of canvas.querySelectorAll('pre')) {
      const size = parseFloat(getComputedStyle(pre).fontSize);
      if (size < least) wrong.push(`code of ${size} px`);
    }
    return wrong.slice(0, 3).map(text => `${deck.now.id}: ${text}`);
  };
  const stir = () => {
    deck.go(deck.at, true);
    for (const figure of deck.now.querySelectorAll('.player')) {
      const words = [...figure.querySelectorAll('.says')].map(node => node.textContent.length);
      figure.querySelectorAll('.col')[words.indexOf(Math.max(...words))].dispatchEvent(new MouseEvent('click', { bubbles: true }));
    }
    for (const toy of deck.now.querySelectorAll('.toy')) {
      for (let i = 0; i < 24; i++) {
        const buttons = [...toy.querySelectorAll('button:not(.toy-reset)')];
        buttons[i * 7 % buttons.length].click();
        if (i % 9 === 4) toy.querySelector('input')?.click();
      }
    }
  };
  const found = [];
  for (let at = first; at <= last; at++) {
    deck.go(at);
    found.push(...look());
    stir();
    found.push(...look());
  }
  return found;
};
const LEAST = 20; // px of code on a slide of 1280 by 720

for (const [width, height] of [[1280, 720], [1920, 1080]]) {
  claim(`every slide fits ${width} by ${height}, with code that the last row can read`, async (page, open) => {
    const wrong = [];
    let slides = 0;
    for (const deck of decks()) {
      await open(deck);
      const { count } = await now(page);
      wrong.push(...(await page.evaluate(measure, [0, count - 1, LEAST])).map(text => `${deck}#${text}`));
      slides += count;
    }
    assert.deepEqual(wrong, []);
    assert.ok(slides > 20 * decks().length, `only ${slides} slides`);
  }, { viewport: { width, height } });
}

claim('a slide that is too long scrolls and says so', async (page, open) => {
  await open(deckWith('class="points"'));
  await goTo(page, '.points');
  await page.evaluate(() => {
    document.querySelector('.leaf.now .body').append(...Array.from({ length: 40 }, (_, i) => Object.assign(document.createElement('p'), { textContent: `line ${i}` })));
    dispatchEvent(new Event('resize'));
  });
  const { at } = await now(page);
  const sign = () => page.$eval('.leaf.now .canvas', node => getComputedStyle(node, '::after').content);
  assert.match(await sign(), /more below/);
  const seen = await page.evaluate(measure, [at, at, LEAST]);
  assert.ok(seen.some(text => text.includes('below the foot')), `the measuring sees it: ${seen}`);
  for (let i = 0; i < 60; i++) await page.keyboard.press('ArrowDown');
  assert.equal((await now(page)).at, at, 'the arrow scrolls');
  await until(page, 'the end of the sign', () => getComputedStyle(document.querySelector('.leaf.now .canvas'), '::after').content === 'none');
});

// ---- keys ---------------------------------------------------------------------
claim('a clicker goes through all slides and back, opening what is hidden', async (page, open) => {
  await open(deckWith('class="choices"'));
  const { count } = await now(page);
  const hidden = await page.$$eval('.leaf', leaves => leaves.filter(leaf => leaf.querySelector('.later')).length);
  assert.ok(hidden >= 3, `${hidden} slides hide something`);
  for (let i = 0; i < count - 1 + hidden; i++) await page.keyboard.press(i % 2 ? 'PageDown' : 'ArrowRight');
  assert.equal((await now(page)).at, count - 1);
  for (let i = 0; i < count; i++) await page.keyboard.press(i % 2 ? 'PageUp' : 'ArrowLeft');
  assert.equal((await now(page)).at, 0);
  await page.keyboard.press('End');
  assert.equal((await now(page)).at, count - 1);
  await page.keyboard.press('Home');
  await page.keyboard.press(' ');
  assert.equal((await now(page)).at, 1);
  await page.keyboard.press('Shift+ ');
  assert.equal((await now(page)).at, 0);
});

claim('the answer to a question is shown by a key, and hidden again', async (page, open) => {
  await open(deckWith('class="choices"'));
  await goTo(page, '.choices');
  const reason = page.locator('.leaf.now .reason').first();
  const right = () => page.$eval('.leaf.now .choices > .right', node => getComputedStyle(node).backgroundColor);
  const before = await right();
  assert.ok(!await reason.isVisible(), 'hidden at first');
  await page.keyboard.press('a');
  assert.ok(await reason.isVisible(), 'shown');
  assert.notEqual(await right(), before, 'the right one is marked');
  await page.keyboard.press('a');
  assert.ok(!await reason.isVisible(), 'hidden again');
});

claim('what a terminal answers is hidden while the room predicts it', async (page, open) => {
  await open(deckWith('class="later l out'));
  await goTo(page, '.later.l.out');
  const output = page.locator('.leaf.now .later.l.out').first();
  assert.ok(await page.locator('.leaf.now .l.cmd').first().isVisible(), 'the command is shown');
  assert.ok(!await output.isVisible(), 'what it prints is not');
  await page.keyboard.press('ArrowRight');
  assert.ok(await output.isVisible());
});

claim('the address keeps the slide over a reload', async (page, open) => {
  await open(decks()[0]);
  for (let i = 0; i < 4; i++) await page.keyboard.press('PageDown');
  const { id } = await now(page);
  assert.ok(page.url().endsWith(`#${id}`), page.url());
  await page.reload();
  assert.equal((await now(page)).id, id);
  await page.evaluate(() => { location.hash = '#start'; });
  await until(page, 'the first slide', () => tick.deck.at === 0);
});

claim('down and up step through a recorded run, and the clicker goes on', async (page, open) => {
  await open(deckWith('class="player"'));
  const id = await goTo(page, '.player');
  const says = () => page.$eval('.leaf.now .player-says', node => node.textContent);
  const words = await page.$$eval('.leaf.now .says', nodes => nodes.map(node => node.textContent));
  for (const at of [0, 1, 2]) {
    await page.keyboard.press('ArrowDown');
    assert.equal(await says(), words[at]);
  }
  await page.keyboard.press('ArrowUp');
  assert.equal(await says(), words[1]);
  assert.equal((await now(page)).id, id);
  await page.keyboard.press('PageDown');
  assert.notEqual((await now(page)).id, id);
});

claim('all slides are seen at once, and one is chosen', async (page, open) => {
  await open(decks()[0]);
  await page.keyboard.press('o');
  const boxes = await page.$$eval('.leaf', leaves => leaves.map(leaf => leaf.getBoundingClientRect().width));
  assert.ok(boxes.every(width => width === 320), 'each is shown, and small');
  await page.keyboard.press('ArrowDown');
  const columns = (await now(page)).at;
  assert.ok(columns > 1, `one row is ${columns}`);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  assert.equal((await now(page)).at, columns + 1);
  assert.equal(await page.locator('.canvas:visible').count(), 1);
  await page.keyboard.press('o');
  await page.locator('.leaf').nth(2).click();
  assert.equal((await now(page)).at, 2);
});

claim('notes, theme, darkness, help: each by its key', async (page, open) => {
  await open(decks()[0]);
  await page.keyboard.press('PageDown');
  await page.evaluate(() => tick.deck.go(tick.deck.leaves.findIndex(leaf => leaf.querySelector('.notes p'))));
  const notes = page.locator('.leaf.now .notes');
  assert.ok(!await notes.isVisible());
  await page.keyboard.press('n');
  assert.ok(await notes.isVisible());
  const bottom = await page.$eval('.leaf.now .canvas', node => node.getBoundingClientRect().bottom);
  assert.ok(bottom <= await notes.evaluate(node => node.getBoundingClientRect().top) + 1, 'the slide makes room');
  await page.keyboard.press('n');
  await page.keyboard.press('b');
  assert.ok(!await page.locator('.leaf.now h2').isVisible(), 'dark');
  await page.keyboard.press('b');
  await page.keyboard.press('t');
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  await page.keyboard.press('?');
  assert.ok(await page.locator('#ui-keys').isVisible());
  await page.uncheck('#ui-keys-on');
  await page.keyboard.press('Escape');
  assert.ok(!await page.locator('#ui-keys').isVisible());
  await page.keyboard.press('t');
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark', 'letters are off');
  const { at } = await now(page);
  await page.keyboard.press('PageDown');
  assert.ok((await now(page)).at > at || (await now(page)).open, 'a clicker still works');
});

claim('a chapter leads to its slides and back', async (page, open) => {
  const deck = decks()[0];
  await open(deck.replace('slides-', ''));
  await page.keyboard.press('v');
  await page.waitForURL(url => url.pathname.endsWith(`/${deck}`), { timeout: DEADLINE });
  await page.keyboard.press('PageDown');
  await page.keyboard.press('PageDown');
  const place = await page.$eval('.leaf.now .s-foot a', link => link.hash);
  await page.locator('.s-bar a').click();
  await page.waitForURL(url => url.pathname.endsWith(`/${deck.replace('slides-', '')}`) && url.hash === place, { timeout: DEADLINE });
});

// ---- the presenter's window, from file:// ---------------------------------------
const pair = async page => {
  const [desk] = await Promise.all([page.waitForEvent('popup'), page.keyboard.press('p')]);
  desk.setDefaultTimeout(DEADLINE);
  await desk.waitForLoadState();
  await until(desk, 'word from the room', () => document.querySelector('.s-desk [role=status]').textContent.startsWith('In step'));
  return desk;
};
const inStep = (page, where) => until(page, JSON.stringify(where), wanted =>
  tick.deck.now.id === wanted.id && tick.deck.open === wanted.open, where);

claim('the presenter’s window has notes, the next slide and a clock, and is in step both ways', async (page, open) => {
  await open(deckWith('class="choices"', 'class="player"'));
  assert.ok(page.url().startsWith('file:'));
  await goTo(page, '.choices');
  const desk = await pair(page);
  await inStep(desk, await now(page));
  for (const [what, selector] of [['this slide', '.leaf.now .canvas'], ['the next', '.leaf.next .canvas'], ['the notes', '.leaf.now .notes'], ['a clock', '.s-desk .clock']]) {
    assert.ok(await desk.locator(selector).isVisible(), what);
  }
  await desk.keyboard.press('PageDown');
  await inStep(page, await now(desk));
  assert.ok((await now(page)).open, 'the answer is open in the room');
  await page.keyboard.press('ArrowRight');
  await inStep(desk, await now(page));
  await desk.keyboard.press('b');
  await until(page, 'darkness', () => document.documentElement.classList.contains('black'));
});

claim('a run and a toy are worked from the presenter’s window', async (page, open) => {
  await open(deckWith('class="player"', 'class="toy"'));
  const desk = await pair(page);
  await goTo(desk, '.player');
  for (let i = 0; i < 5; i++) await desk.keyboard.press('ArrowDown');
  const says = await desk.$eval('.leaf.now .player-says', node => node.textContent);
  await until(page, says, text => document.querySelector('.leaf.now .player-says')?.textContent === text, says);
  await page.keyboard.press('ArrowUp');
  const back = await page.$eval('.leaf.now .player-says', node => node.textContent);
  await until(desk, back, text => document.querySelector('.leaf.now .player-says').textContent === text, back);
  const toy = await goTo(desk, '.toy');
  await desk.locator('.leaf.now .toy button').first().click();
  const log = await desk.$eval('.leaf.now .toy-log', node => node.textContent);
  assert.ok(log, 'the toy says something');
  await until(page, log, text => document.querySelector('.leaf.now .toy-log')?.textContent === text, log);
  const box = desk.locator('.leaf.now .toy input[type=checkbox]').first();
  await box.check();
  await until(page, 'the tick', () => document.querySelector('.leaf.now .toy input').checked);
  await desk.keyboard.press('PageDown');
  assert.notEqual((await now(desk)).id, toy, 'the box does not keep the clicker’s key');
});

claim('either window may be loaded again, and the presenter is told when the room is gone', async (page, open) => {
  await open(deckWith('class="choices"'));
  const desk = await pair(page);
  for (let i = 0; i < 3; i++) await desk.keyboard.press('PageDown');
  await inStep(page, await now(desk));
  await page.reload();
  await desk.keyboard.press('PageDown');
  await inStep(page, await now(desk));
  await desk.reload();
  await page.keyboard.press('PageDown');
  await inStep(desk, await now(page));
  await goTo(page, '.choices');
  await page.keyboard.press('a'); // no address tells of an answer that is open
  await desk.reload();
  await inStep(desk, await now(page));
  assert.ok((await now(desk)).open);
  await page.close();
  await until(desk, 'that it is alone', () => document.querySelector('.s-desk .alone')?.textContent.includes('No window'));
});

// ---- without JavaScript, and on paper --------------------------------------------
claim('without JavaScript it is one long page with everything', async (page, open) => {
  const deck = deckWith('class="choices"', 'class="player"', 'class="later l out');
  await open(deck);
  for (const selector of ['.canvas', '.notes p', '.reason', '.later.l.out', '.player-line']) {
    const all = await page.locator(selector).count();
    const seen = await page.locator(`${selector}:visible`).count();
    assert.ok(all > 0 && seen === all, `${seen} of ${all} ${selector}`);
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${wide} px too wide`);
}, { javaScriptEnabled: false, viewport: { width: 1280, height: 720 } });

claim('on paper it is a handout, notes below their slides', async (page, open) => {
  await open(deckWith('class="choices"', 'class="player"'));
  await page.emulateMedia({ media: 'print' });
  const all = await page.locator('.canvas').count();
  assert.equal(await page.locator('.canvas:visible').count(), all);
  assert.ok(await page.locator('.reason').first().isVisible(), 'answers');
  const order = await page.$$eval('.leaf', leaves => leaves.filter(leaf => leaf.querySelector('.notes p')).map(leaf =>
    leaf.querySelector('.notes').getBoundingClientRect().top >= leaf.querySelector('.canvas').getBoundingClientRect().bottom - 1));
  assert.ok(order.length > 5 && order.every(Boolean));
  const pdf = await page.pdf({ format: 'A4' });
  const sheets = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
  assert.ok(sheets >= all / 6 && sheets <= all, `${sheets} sheets for ${all} slides`);
}, { viewport: { width: 700, height: 900 } });

// ---- barriers -----------------------------------------------------------------
// In the dark only those that are about colours.
const RULES = {
  light: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  dark: ['color-contrast', 'link-in-text-block'],
};
const barriers = async (page, where) => {
  // What has the focus does not go: the bar of buttons is judged as well.
  await page.evaluate(() => document.querySelector('.s-bar a').focus());
  const colorScheme = await page.evaluate(() => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));
  const { violations } = await page.evaluate(runOnly => window.axe.run(document, { runOnly, resultTypes: ['violations'] }), RULES[colorScheme]);
  return violations.flatMap(({ id, impact, nodes }) => nodes.slice(0, 4).map(node => {
    const why = [...node.any, ...node.all, ...node.none].map(check => check.message).join('; ');
    return `${where}: ${id} (${impact}, ${nodes.length}): ${node.target.join(' ')}: ${why}`;
  }));
};
// One deck in all its views, the others as one long page.
const axe = async (browser, colorScheme) => {
  const context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 720 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const load = async (name, query = '') => {
    await page.goto(`${book.url(name)}${query}`);
    await page.evaluate(fs.readFileSync(packages.resolve('axe-core/axe.min.js'), 'utf8'));
  };
  const found = [];
  const long = async name => {
    await page.evaluate(() => { document.documentElement.className = ''; });
    found.push(...await barriers(page, `${name} ${colorScheme}, long`));
  };
  const name = decks().sort((a, b) => book.html(b).length - book.html(a).length)[0];
  for (const other of decks().filter(deck => deck !== name)) {
    await load(other);
    await long(other);
  }
  await load(name);
  // One slide as the room sees it, the answer of another, the overview, the
  // desk; then all at once, as without JavaScript.
  found.push(...await barriers(page, `${name} ${colorScheme}, first slide`));
  await page.evaluate(() => tick.deck.go(document.querySelector('.choices, .points').closest('.leaf').id, true));
  await page.keyboard.press('n');
  found.push(...await barriers(page, `${name} ${colorScheme}, an answer and notes`));
  await page.keyboard.press('o');
  found.push(...await barriers(page, `${name} ${colorScheme}, overview`));
  await long(name);
  await load(name, '?presenter');
  found.push(...await barriers(page, `${name} ${colorScheme}, desk`));
  await context.close();
  return found;
};

// ---- running ------------------------------------------------------------------
const attempt = async (browser, { options, body }) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINE);
  const errors = [];
  context.on('weberror', error => errors.push(error.error().message));
  context.on('console', message => message.type() === 'error' && errors.push(message.text()));
  context.on('request', request => /^(file|data):/.test(request.url()) || errors.push(`asks for ${request.url()}`));
  try {
    await body(page, name => page.goto(book.url(name), { waitUntil: 'load' }));
    assert.deepEqual(errors, [], 'errors on the page');
  } finally {
    await context.close();
  }
};

const browser = await launch();
let failed = 0;
if (chosen === 'axe') {
  const found = await axe(browser, ...rest);
  found.forEach(text => console.log(text));
  failed = found.length;
} else {
  for (const name of chosen ? [chosen] : claims.keys()) {
    if (!claims.has(name)) throw new Error(`no such claim: ${name}`);
    const start = Date.now();
    try {
      await attempt(browser, claims.get(name));
      console.log(`${((Date.now() - start) / 1000).toFixed(1).padStart(5)} s  ${name}`);
    } catch (error) {
      failed++;
      console.log(`FAILED ${name}\n${error.stack.split('\n').slice(0, 40).join('\n')}`);
    }
  }
}
await browser.close();
process.exit(failed ? 1 : 0);
