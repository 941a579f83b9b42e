// Plays one of the book's toys without a browser, and prints what it shows.
//
//   node tests/docs/play_toy.js backlog 'A client comes' '~a thread each' …
//
// An argument is the beginning of a button's label, or ~ and a checkbox's.
// Only as much of a document is modelled here as the toys use.
'use strict';
const fs = require('fs');
const path = require('path');
const vm = require('vm');

class Node {
  constructor(tag) { this.tag = tag; this.attributes = {}; this.children = []; this.listeners = {}; this.hidden = false; this.checked = false; }
  setAttribute(name, value) { this.attributes[name] = value; }
  getAttribute(name) { return this.attributes[name] ?? null; }
  get firstChild() { return this.children[0]; }
  get lastChild() { return this.children.at(-1); }
  get textContent() { return this.children.map((child) => child.textContent ?? child).join(''); }
  set textContent(text) { this.children = text === '' ? [] : [text]; }
  set innerHTML(html) { this.children = [new Node('svg')]; this.markup = html; }
  append(...nodes) { for (const node of nodes) { this.children.push(node); if (node instanceof Node) node.parent = this; } }
  replaceChildren(...nodes) { this.children = []; this.append(...nodes); }
  remove() { this.parent.children = this.parent.children.filter((child) => child !== this); }
  addEventListener(name, listener) { this.listeners[name] = listener; }
  all() { return [this, ...this.children.flatMap((child) => (child instanceof Node ? child.all() : []))]; }
  get classes() { return (this.attributes.class ?? '').split(' ').filter(Boolean); }
  get classList() {
    return {
      contains: (name) => this.classes.includes(name),
      toggle: (name, on) => { this.attributes.class = [...this.classes.filter((other) => other !== name), ...(on ? [name] : [])].join(' '); },
    };
  }
  querySelector(selector) { return this.all().find((node) => node.classes.includes(selector.slice(1))); }
  focus() {}
}

const [name, ...actions] = process.argv.slice(2);
const figure = new Node('figure');
const context = vm.createContext({
  document: {
    createElement: (tag) => new Node(tag),
    querySelectorAll: (selector) => (selector === `[data-toy="${name}"]` ? [figure] : []),
  },
  matchMedia: () => ({ matches: true }),
  setTimeout: () => 0, // a toy's clock stands still here
});
context.window = context;
for (const file of ['toy.js', `${name}.js`]) {
  const script = path.join(__dirname, '../../docs/toys', file);
  vm.runInContext(fs.readFileSync(script, 'utf8').replace(/^toy\(/m, 'window.toy('), context, { filename: script });
}

for (const action of actions) {
  const nodes = figure.all();
  if (action.startsWith('~')) {
    const label = nodes.find((node) => node.tag === 'label' && node.textContent.startsWith(action.slice(1)));
    if (!label) throw new Error(`no checkbox ${action}`);
    label.firstChild.checked = !label.firstChild.checked;
    label.firstChild.listeners.change();
  } else {
    const button = nodes.find((node) => node.tag === 'button' && node.textContent.startsWith(action));
    if (!button) throw new Error(`no button ${action}`);
    if (button.getAttribute('aria-disabled') === 'true') console.error(`cannot: ${action}`);
    button.listeners.click();
  }
}

const visible = (node) => !node.hidden && (!node.parent || visible(node.parent));
for (const node of figure.all().filter(visible)) {
  const log = node.parent?.classes.includes('toy-log');
  const part = ['toy-label', 'toy-state', 'toy-batch'].find((name) => node.classes.includes(name));
  if (log || part) console.log(`${log ? 'log' : part.slice(4)}${node.classes.includes('wrong') ? ' (wrong)' : ''}: ${node.textContent}`);
  if (node.tag === 'li') console.log(`slot: ${node.children.map((child) => child.textContent).join(', ')}`);
}
