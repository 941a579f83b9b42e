// What the scripts here share: Chromium through playwright-core, and the book's
// pages. CHROMIUM and PACKAGES come from tests/docs/checkers.py.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export const packages = createRequire(path.join(process.env.PACKAGES, 'x.js'));
const { chromium } = packages('playwright-core');

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

// Nothing that these pages do takes longer.
export const DEADLINE = 30_000;

export class Book {
  constructor(folder) { this.folder = path.resolve(folder); }

  url(page) { return pathToFileURL(path.join(this.folder, page)).href; }

  pages() { return fs.readdirSync(this.folder).filter(name => name.endsWith('.html')).sort(); }

  html(page) { return fs.readFileSync(path.join(this.folder, page), 'utf8'); }

  // The first chapter that has all of these.
  chapterWith(...needles) {
    const page = this.pages().find(name => /^\d/.test(name) && needles.every(text => this.html(name).includes(text)));
    if (!page) throw new Error(`no chapter has ${needles.join(' and ')}`);
    return page;
  }
}
