// Uses the book as a reader would, from file://.
//
//   node behaviour.mjs BOOK 'a claim'    tries that one
//   node behaviour.mjs BOOK              tries all
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { Book, DEADLINE, launch } from './chromium.mjs';

const [folder, chosen] = process.argv.slice(2);
const book = new Book(folder);
const claims = new Map();
const claim = (name, options, body) => claims.set(name, { options, body });

const PLAYER = 'class="player"';
const QUIZ = 'class="quiz"';
const CODE = 'data-kind="mend"';
const PREDICT = 'data-kind="predict"';
const MEASURE = 'data-kind="measure"';

// Chapters, the pages around them, and one of each kind that is made.
const pagesOfEachKind = () => {
  const isMade = /^(source|diff)-/;
  const pages = book.pages();
  return [...pages.filter(name => !isMade.test(name) && name !== 'print.html'),
    ...['diff-', 'source-chapters', 'source-common'].map(start => pages.filter(name => name.startsWith(start))
      .sort((a, b) => book.html(b).length - book.html(a).length)[0])];
};

const theme = page => page.evaluate(() => document.documentElement.dataset.theme ?? 'system');

// Waits until the page says so, instead of hoping that it has by now.
const until = async (page, what, condition, argument) => {
  try {
    await page.waitForFunction(condition, argument, { timeout: DEADLINE });
  } catch (error) {
    throw new Error(`never came: ${what} (${error.message.split('\n')[0]})`);
  }
};

claim('the search finds a section and goes there', {}, async (page, open) => {
  await open('index.html');
  await page.keyboard.press('/');
  const records = JSON.parse(fs.readFileSync(`${book.folder}/assets/search-index.js`, 'utf8').replace(/^[^=]*=/, '').replace(/;\s*$/, ''));
  const sections = records.filter(record => record.u.includes('#') && /^\d/.test(record.u));
  const wanted = sections.sort((a, b) => b.t.length - a.t.length)[0]; // the title that is least like others
  await page.fill('#ui-search input', wanted.t);
  await until(page, `the section “${wanted.t}” among the results`, title =>
    [...document.querySelectorAll('#ui-hits b')].some(hit => hit.textContent === title), wanted.t);
  const place = await page.$$eval('#ui-hits a', (hits, url) => hits.findIndex(hit => hit.getAttribute('href') === url), wanted.u);
  assert.ok(place >= 0 && place < 3, `${wanted.u} is result ${place + 1}`);
  for (let i = 0; i < place; i++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL(url => url.href.endsWith(`/${wanted.u}`), { timeout: DEADLINE });
  const top = await page.$eval(`[id="${wanted.u.split('#')[1]}"]`, heading => heading.getBoundingClientRect().top);
  assert.ok(top >= 0 && top < 900, `the section is not in sight, but at ${top}`);
});

claim('the search says when there is nothing', {}, async (page, open) => {
  await open('glossary.html');
  await page.click('.search-open');
  await page.fill('#ui-search input', 'xylophone');
  await until(page, 'a word about it', () => document.querySelector('#ui-search .status').textContent.includes('xylophone'));
  assert.equal(await page.$$eval('#ui-hits a', hits => hits.length), 0);
  await page.keyboard.press('Escape');
  assert.equal(await page.$('dialog[open]'), null);
});

claim('the theme is kept from page to page', {}, async (page, open) => {
  await open('index.html');
  assert.equal(await theme(page), 'system');
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.keyboard.press('t');
  assert.equal(await theme(page), 'dark');
  assert.notEqual(await background(), light);
  await open('glossary.html');
  assert.equal(await theme(page), 'dark');
  await page.click('button.theme');
  await open('index.html');
  assert.equal(await theme(page), 'light');
});

claim('single keys turn pages, and can be switched off', {}, async (page, open) => {
  await open('index.html');
  const first = page.url();
  await page.keyboard.press('n');
  await page.waitForURL(url => url.href !== first, { timeout: DEADLINE });
  await page.keyboard.press('p');
  await page.waitForURL(first, { timeout: DEADLINE });
  await page.keyboard.press('?');
  await page.uncheck('#ui-keys-on');
  await page.keyboard.press('Escape');
  await open('index.html');
  await page.keyboard.press('t');
  await page.keyboard.press('/');
  assert.equal(await theme(page), 'system');
  assert.equal(await page.$('dialog[open]'), null);
  await page.keyboard.press('?');
  assert.equal(await page.isChecked('#ui-keys-on'), false);
});

claim('a recorded run steps through its events, each with its source line', {}, async (page, open) => {
  await open(book.chapterWith(PLAYER));
  const figure = page.locator('figure.player').first();
  const seen = () => figure.evaluate(node => ({
    says: node.querySelector('.player-says').textContent,
    count: node.querySelector('.player-count').textContent,
    source: node.querySelector('.player-strip').textContent,
    lit: [...node.querySelectorAll('.col')].findIndex(col => col.classList.contains('now')),
  }));
  const events = await figure.locator('.player-words li').evaluateAll(items => items.map(item => ({
    says: item.querySelector('.says').textContent, source: item.querySelector('.src')?.textContent ?? '',
  })));
  assert.ok(events.length > 5 && events.some(event => event.source), 'a run with events and source lines');
  await figure.getByRole('button', { name: 'Next event' }).click();
  for (let at = 0; at < events.length; at++) {
    const now = await seen();
    assert.equal(now.says, events[at].says);
    assert.equal(now.lit, at);
    assert.ok(now.count.startsWith(`${at + 1} of ${events.length} `), now.count);
    if (events[at].source) assert.equal(now.source.trim(), events[at].source.trim());
    if (at + 1 < events.length) await figure.getByRole('button', { name: 'Next event' }).click();
  }
  await figure.locator('.player-box').focus();
  await page.keyboard.press('Home');
  assert.equal((await seen()).says, events[0].says);
  await page.keyboard.press('ArrowRight');
  assert.equal((await seen()).says, events[1].says);
  await page.keyboard.press('ArrowLeft');
  assert.equal((await seen()).says, events[0].says);
});

claim('arrow keys belong to the page while no run has the focus', {}, async (page, open) => {
  await open(book.chapterWith(PLAYER));
  const before = page.url();
  for (const key of ['ArrowRight', 'ArrowLeft', 'ArrowRight']) await page.keyboard.press(key);
  assert.equal(page.url(), before);
  assert.equal(await page.$('figure.player.stepping'), null);
});

claim('an answer is explained, and kept over a reload', {}, async (page, open) => {
  await open(book.chapterWith(QUIZ));
  const quiz = page.locator('.quiz').first();
  const wrong = quiz.locator('.answer:not(.right):not(.unsure)').first();
  const right = quiz.locator('.answer.right');
  await wrong.locator('label').click();
  assert.ok(await wrong.locator('.why').isVisible(), 'a wrong answer is explained');
  assert.ok(!await right.locator('.why').isVisible(), 'the right one is not given away');
  await right.locator('label').click();
  assert.ok(await right.locator('.why').isVisible(), 'the right answer is explained');
  assert.ok(!await wrong.locator('.why').isVisible(), 'the wrong one is closed again');
  await page.reload();
  assert.ok(await right.locator('input').isChecked(), 'the answer is kept');
  assert.ok(await right.locator('.why').isVisible(), 'its explanation too');
  assert.match(await page.locator('.here .progress').first().textContent(), /^1\//);
  await quiz.locator('.unsure label').click();
  assert.ok(await right.locator('.why').isVisible(), '“Not sure” shows the right answer');
  assert.equal(await page.locator('.here .progress').first().textContent(), '');
});

const cardOf = (page, kind) => page.locator(`.exercise[${kind}]`).first();

claim('an exercise stays ticked off, and is counted at the side and on the front page', {}, async (page, open) => {
  const chapter = book.chapterWith(CODE, 'class="wrong"');
  await open(chapter);
  const card = cardOf(page, CODE);
  const count = () => page.locator('.here .progress').first().textContent();
  const total = Number(await page.locator('.here .progress').first().getAttribute('data-total'));
  assert.equal(total, await page.locator('.exercise').count() + await page.locator('.quiz[data-kept=answer]').count());
  assert.equal(await count(), '');
  assert.ok(!await card.locator('.wrong .content').isVisible(), 'the wrong ways are folded');
  await card.locator('.done').click();
  assert.equal(await count(), `1/${total}`);
  assert.ok(await card.locator('.wrong .content').isVisible(), 'afterwards they are shown');
  await page.reload();
  assert.ok(await card.locator('.done input').isChecked(), 'the tick is kept');
  assert.equal(await count(), `1/${total}`);
  assert.equal(await page.locator('.exercise.is-done').count(), 1);
  assert.equal(await page.locator('.exercise-list .is-done').count(), 1);
  await open('index.html');
  assert.equal(await page.locator(`.map .progress[data-page="${chapter.replace('.html', '')}"]`).textContent(), `1/${total} done`);
  await open('print.html');
  assert.equal(await page.locator('.exercise.is-done').count(), 1, 'the book on one page knows it too');
  await open(chapter);
  await card.locator('.done input').focus();
  await page.keyboard.press('Space');
  assert.equal(await count(), '');
  await page.reload();
  assert.ok(!await card.locator('.done input').isChecked());
});

claim('a hint can be opened only after the one before it', {}, async (page, open) => {
  await open(book.chapterWith(CODE));
  const hints = cardOf(page, CODE).locator('.hint');
  assert.equal(await hints.count(), 3);
  const shown = async () => {
    const seen = [];
    for (let i = 0; i < 3; i++) seen.push(await hints.nth(i).locator('> summary').isVisible(), await hints.nth(i).locator('> .content').isVisible());
    return seen.map(Number).join('');
  };
  assert.equal(await shown(), '100000');
  await hints.first().locator('> summary').focus();
  for (const then of ['111000', '111110', '111111']) {
    await page.keyboard.press('Enter');
    assert.equal(await shown(), then);
    await page.keyboard.press('Tab');
  }
  await hints.first().locator('> summary').click();
  assert.equal(await shown(), '100000');
});

claim('a prediction is explained and kept, and goes into the command', {}, async (page, open) => {
  await open(book.chapterWith(PREDICT));
  const card = cardOf(page, PREDICT);
  const command = () => card.locator('.asking .cmd').textContent();
  assert.match(await command(), /check \S+ LETTER$/);
  const wrong = card.locator('.answer:not(.right):not(.unsure)').first();
  const right = card.locator('.answer.right');
  const letter = answer => answer.locator('[data-key]').getAttribute('data-key');
  await wrong.locator('label').click();
  assert.ok(await wrong.locator('.why').isVisible() && !await right.locator('.why').isVisible());
  assert.ok((await command()).endsWith(` ${await letter(wrong)}`), await command());
  await right.locator('label').click();
  await page.reload();
  assert.ok(await right.locator('input').isChecked(), 'the prediction is kept');
  assert.ok(await right.locator('.why').isVisible());
  assert.ok((await command()).endsWith(` ${await letter(right)}`), await command());
  assert.equal(await page.locator('.here .progress').first().textContent(), '', 'it is done when it was tried');
  await card.locator('.unsure label').click();
  assert.ok(await right.locator('.why').isVisible());
  assert.ok((await command()).endsWith(" '?'"), await command());
});

claim('a number that was measured is kept, and goes into the command', {}, async (page, open) => {
  await open(book.chapterWith(MEASURE));
  const card = cardOf(page, MEASURE);
  const command = () => card.locator('.asking .cmd').textContent();
  assert.match(await command(), /check \S+ NUMBER$/);
  await card.getByLabel('Your number').fill(' 1,234.5 ');
  assert.match(await command(), /check \S+ 1,234\.5$/);
  await page.reload();
  assert.equal(await card.getByLabel('Your number').inputValue(), '1,234.5');
  assert.match(await command(), /check \S+ 1,234\.5$/);
  await card.getByLabel('Your number').fill("$(it's) 5");
  assert.ok((await command()).endsWith(` '$(it'\\''s) 5'`), await command());
  await card.getByLabel('Your number').fill('');
  assert.match(await command(), /check \S+ NUMBER$/);
});

// What its button copies. That it says so lasts a moment only: whoever begins
// to look after the click may come too late.
const copy = async (page, figure) => {
  await figure.hover();
  await Promise.all([
    figure.locator('button.copy.ok').waitFor({ timeout: DEADLINE }),
    figure.locator('button.copy').click(),
  ]);
  return page.evaluate(() => navigator.clipboard.readText());
};

claim('each command of an exercise is copied by itself',
  { permissions: ['clipboard-read', 'clipboard-write'] }, async (page, open) => {
    await open(book.chapterWith(CODE));
    for (const terminal of await cardOf(page, CODE).locator('.commands .console').all()) {
      const copied = await copy(page, terminal);
      assert.equal(copied, `${await terminal.locator('.cmd').textContent()}\n`);
      assert.match(copied, /^tools\/workshop (start|check) /);
    }
  });

claim('a difference shows in one column or in two, and remembers', {}, async (page, open) => {
  const diffs = book.pages().filter(name => name.startsWith('diff-'));
  await open(diffs.at(-1));
  const sides = () => page.evaluate(() => {
    const change = [...document.querySelectorAll('.chg')].find(each => each.querySelector('.del > .l') && each.querySelector('.add > .l'));
    const [old, now] = ['.del', '.add'].map(name => change.querySelector(name).getBoundingClientRect());
    return { beside: now.left >= old.right - 1 && Math.abs(now.top - old.top) < 2, below: now.top >= old.bottom - 1 };
  });
  assert.deepEqual(await sides(), { beside: false, below: true });
  await page.click('[data-diff=split]');
  assert.deepEqual(await sides(), { beside: true, below: false });
  assert.equal(await page.getAttribute('[data-diff=split]', 'aria-pressed'), 'true');
  await open(diffs[0]);
  assert.deepEqual(await sides(), { beside: true, below: false });
  await page.click('[data-diff=unified]');
  assert.deepEqual(await sides(), { beside: false, below: true });
});

claim('code is copied without numbers, of a terminal only the commands',
  { permissions: ['clipboard-read', 'clipboard-write'] }, async (page, open) => {
    const copied = figure => copy(page, figure);
    await open(book.chapterWith('class="numbered"', 'class="co"', 'class="l cmd"'));
    const code = page.locator('figure.code:has(code.numbered):has(.l .co)').first();
    const file = (await code.locator('.path').textContent()).trim();
    const text = await copied(code);
    const source = fs.readFileSync(file, 'utf8');
    const lines = text.trimEnd().split('\n');
    assert.ok(lines.length > 2 && lines.every(line => source.includes(line)), `not the lines of ${file}:\n${text}`);
    assert.doesNotMatch(text, /^\s*\d+\s/m);
    const terminal = page.locator('figure.console:has(.cmd):has(.out)').first();
    const commands = await terminal.locator('.cmd').allTextContents();
    assert.equal(await copied(terminal), commands.map(line => line.trimEnd()).join('\n') + '\n');
    assert.doesNotMatch(await page.evaluate(() => navigator.clipboard.readText()), /^\$/m);
  });

claim('a callout lights its note up', {}, async (page, open) => {
  await open(book.chapterWith('class="callouts"'));
  const mark = page.locator('.l .co').first();
  await mark.focus();
  const note = page.locator('.callouts li').first();
  assert.match(await note.getAttribute('class') ?? '', /hot/);
  await mark.press('Enter');
  assert.ok(page.url().endsWith('-note'), page.url());
});

for (const width of [1440, 820, 390]) {
  claim(`no page is wider than a window of ${width}`, { viewport: { width, height: 900 } }, async (page, open) => {
    const wide = [];
    for (const name of pagesOfEachKind()) {
      await open(name);
      await page.evaluate(() => {
        document.querySelectorAll('details').forEach(details => { details.open = true; });
        document.querySelector('[data-diff=split]')?.click();
        document.querySelectorAll('figure.player').forEach(figure => figure.querySelector('.player-buttons button:nth-child(2)').click());
      });
      const [over, node] = await page.evaluate(() => {
        const over = document.documentElement.scrollWidth - innerWidth;
        const all = over > 0 ? [...document.querySelectorAll('main *')] : [];
        const widest = all.sort((a, b) => b.getBoundingClientRect().right - a.getBoundingClientRect().right)[0];
        return [over, widest ? `${widest.tagName} ${widest.className}` : ''];
      });
      if (over > 0) wide.push(`${name}: ${over} px, ${node}`);
    }
    assert.deepEqual(wide, []);
  });
}

claim('the contents open and close on a narrow page', { viewport: { width: 390, height: 900 } }, async (page, open) => {
  await open('glossary.html');
  const side = page.locator('#ui-side');
  const inSight = () => side.evaluate(node => {
    const box = node.getBoundingClientRect();
    return getComputedStyle(node).visibility !== 'hidden' && box.right > 0 && box.width > 0;
  });
  assert.ok(!await inSight(), 'closed at first');
  await page.click('button.menu');
  await until(page, 'the contents', () => document.querySelector('#ui-side').getBoundingClientRect().left >= 0);
  assert.equal(await page.getAttribute('button.menu', 'aria-expanded'), 'true');
  await page.keyboard.press('Escape');
  await until(page, 'their end', () => document.querySelector('#ui-side').getBoundingClientRect().right <= 0
    || getComputedStyle(document.querySelector('#ui-side')).visibility === 'hidden');
});

claim('nothing moves for who asked for less movement', {}, async (page, open) => {
  const moving = () => [...document.querySelectorAll('*')].filter(one =>
    getComputedStyle(one).transitionDuration.split(', ').some(time => time !== '0s')).map(one => one.outerHTML.slice(0, 80));
  for (const name of [book.chapterWith('class="player"', 'class="toy"'), book.pages().find(one => one.startsWith('slides-'))]) {
    await open(name);
    assert.deepEqual(await page.evaluate(moving), [], name);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    assert.ok((await page.evaluate(moving)).length, `${name}: what moves at all?`);
    await page.emulateMedia({ reducedMotion: 'reduce' });
  }
});

claim('without JavaScript all is there to read', { javaScriptEnabled: false }, async (page, open) => {
  await open(book.chapterWith('class="numbered"', QUIZ, PLAYER, 'class="toy"'));
  const visible = async (selector, what) => assert.ok(await page.locator(selector).first().isVisible(), what);
  await visible('article p', 'text');
  await visible('figure.code .l', 'a listing');
  await visible('.callouts li div', 'the note of a callout');
  await visible('figure.player svg.player-line', 'the picture of a run');
  await visible('figure.toy .noscript', 'what stands in place of a toy');
  await visible('.side-nav a', 'the contents');
  for (const details of ['.quiz .answer.right details', '.quiz .answer:not(.right) details', 'details.player-words']) {
    await page.locator(`${details} > summary`).first().click();
    await visible(`${details} > :not(summary)`, `what is inside of ${details}`);
  }
  await open(book.chapterWith(CODE, PREDICT, 'class="wrong"'));
  assert.ok(!await page.locator('.exercise .done').first().isVisible(), 'what could not be kept cannot be ticked');
  for (const details of ['.hint', '.hint .hint', '.hint .hint .hint', '.wrong', `[${PREDICT}] .right details`]) {
    await page.locator(`${details} > summary`).first().click();
    await visible(`${details} > :not(summary)`, `what is inside of ${details}`);
  }
  await open(book.pages().find(name => name.startsWith('diff-')));
  await visible('.diff .add .l', 'a difference');
});

const attempt = async (browser, { options, body }) => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINE);
  const errors = [];
  page.on('pageerror', error => errors.push(error.message));
  page.on('console', message => message.type() === 'error' && errors.push(message.text()));
  page.on('request', request => request.url().startsWith('file:') || request.url().startsWith('data:') || errors.push(`asks for ${request.url()}`));
  const open = name => page.goto(book.url(name), { waitUntil: 'load' });
  try {
    await body(page, open);
    assert.deepEqual(errors, [], 'errors on the page');
  } finally {
    await context.close();
  }
};

const names = chosen ? [chosen] : [...claims.keys()];
const browser = await launch();
let failed = 0;
for (const name of names) {
  if (!claims.has(name)) throw new Error(`no such claim: ${name}`);
  const start = Date.now();
  try {
    await attempt(browser, claims.get(name));
    console.log(`${((Date.now() - start) / 1000).toFixed(1).padStart(5)} s  ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED ${name}\n${error.stack.split('\n').slice(0, 24).join('\n')}`);
  }
}
await browser.close();
process.exit(failed ? 1 : 0);
