// Everything in these scripts is an extra: without them the book still reads,
// links and prints. Each part is in a block of its own; this one is shared.
window.tick = {
  $: (selector, root = document) => root.querySelector(selector),
  $$: (selector, root = document) => [...root.querySelectorAll(selector)],

  // An element with attributes (or properties, where there are such) and children.
  el(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name in node && name !== 'role') node[name] = value;
      else node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  },

  // What the reader did stays in this browser; in private windows it may not.
  store: {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) {
      try {
        if (value == null) localStorage.removeItem(key); else localStorage.setItem(key, value);
      } catch { /* not kept */ }
    },
  },

  page: document.querySelector('main').dataset.slug,
};
