// Looks at the lab's pages: which form of a plot is shown, whether its texts
// touch, and whether a guess is kept.
//
//   node plots.mjs BOOK WIDTH PAGE…
//
// Prints what is wrong; exit status 1 if anything.
import { Book, launch } from './chromium.mjs';

const [folder, width, ...names] = process.argv.slice(2);
const book = new Book(folder);
const browser = await launch();
const page = await browser.newPage({ viewport: { width: Number(width), height: 900 } });
const wrong = [];
let plots = 0;

// In the fonts that are really used, unlike what the drawing reckoned with.
const look = () => {
  const told = [];
  for (const run of document.querySelectorAll('.plot .run')) {
    const name = run.closest('.plot').id;
    const shown = [...run.querySelectorAll('svg')].filter(svg => svg.getBoundingClientRect().width > 0);
    if (shown.length !== 1) { told.push(`${name}: ${shown.length} of its forms are shown`); continue; }
    const [svg] = shown;
    const size = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].map(node => ({ says: node.textContent, box: node.getBoundingClientRect() }));
    const scale = size.width / svg.viewBox.baseVal.width;
    const small = texts.filter(({ box }) => box.height < 11).length;
    if (small) told.push(`${name}: ${small} texts are too small to be read, at ${scale.toFixed(2)}`);
    texts.forEach(({ says, box: a }, i) => {
      if (a.left < size.left - 3 || a.right > size.right + 3) told.push(`${name}: “${says}” leaves the plot`);
      for (const { says: other, box: b } of texts.slice(i + 1)) {
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 1 && down > 0.25 * Math.min(a.height, b.height)) told.push(`${name}: “${says}” and “${other}” touch`);
      }
    });
  }
  return { told, plots: document.querySelectorAll('.plot .run').length };
};

const guess = async () => {
  const field = page.locator('.predict input').first();
  if (!await field.count()) return;
  await field.fill('twelve');
  await page.reload();
  if (await field.inputValue() !== 'twelve') wrong.push('a guess is not kept');
  await field.fill('');
};

for (const name of names) {
  await page.goto(book.url(name));
  await page.evaluate(() => document.fonts.ready);
  const found = await page.evaluate(look);
  wrong.push(...found.told.map(text => `${name} at ${width}: ${text}`));
  plots += found.plots;
  await guess();
}
await browser.close();
console.log([...wrong, `${plots} plots`].join('\n'));
process.exit(wrong.length ? 1 : 0);
