// Looks for barriers on a page with axe-core, on wide and on narrow screens:
//
//   node axe.mjs BOOK PAGE
//
// Everything that unfolds is unfolded first, runs stand in the middle,
// questions are answered. By daylight all rules are asked, in the dark those
// about colours. Prints what it finds; exit status 1 if anything.
import fs from 'node:fs';
import { Book, launch, packages } from './chromium.mjs';

const [folder, name] = process.argv.slice(2);
const axe = fs.readFileSync(packages.resolve('axe-core/axe.min.js'), 'utf8');
const RULES = {
  light: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  dark: ['color-contrast', 'link-in-text-block'],
};

const unfold = () => {
  const all = selector => [...document.querySelectorAll(selector)];
  all('figure.player .player-box').forEach(box => {
    for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'ArrowRight']) {
      box.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    }
  });
  all('.quiz').forEach((quiz, i) => quiz.querySelectorAll('.answer input')[i % 2].click());
  all('.exercise .done input').forEach((box, i) => i % 2 || box.click());
  all('.toy button').slice(0, 2).forEach(button => button.click());
  all('details').forEach(details => { details.open = true; });
};

const browser = await launch();
let found = 0;
for (const width of [1440, 390]) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(new Book(folder).url(name));
  await page.evaluate(unfold);
  await page.evaluate(axe);
  for (const [colorScheme, rules] of Object.entries(RULES)) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await page.evaluate(runOnly => window.axe.run(document, { runOnly, resultTypes: ['violations'] }), rules);
    for (const { id, impact, nodes } of violations) {
      found += nodes.length;
      for (const node of nodes.slice(0, 5)) {
        const why = [...node.any, ...node.all, ...node.none].map(check => check.message).join('; ');
        console.log(`${name} ${colorScheme} ${width}: ${id} (${impact}, ${nodes.length}): ${node.target.join(' ')}: ${why}`);
      }
    }
  }
  await context.close();
}
await browser.close();
process.exit(found ? 1 : 0);
