// The deck: which slide is shown, and whether what it hides is open. Everything
// else asks it to go somewhere, and is told when it did.
const { $, $$ } = tick;
const root = document.documentElement;
const leaves = $$('.leaf');
const told = [];

const deck = tick.deck = {
  leaves, at: -1, open: false,
  get now() { return leaves[deck.at]; },
  onChange: listener => told.push(listener),
  holds: leaf => Boolean($('.later', leaf)),

  // To a slide, by its place or its id; `open` shows what it hides.
  go(where, open = false) {
    const place = typeof where === 'string' ? leaves.findIndex(leaf => leaf.id === where) : where;
    const at = Math.max(0, Math.min(leaves.length - 1, place));
    if (at === deck.at && open === deck.open) return;
    deck.at = at;
    deck.open = open && deck.holds(leaves[at]);
    leaves.forEach((leaf, i) => {
      leaf.classList.toggle('now', i === at);
      leaf.classList.toggle('next', i === at + 1);
      leaf.classList.toggle('open', i === at && deck.open);
    });
    history.replaceState(null, '', `${location.pathname}${location.search}#${leaves[at].id}`);
    told.forEach(listener => listener());
  },
  forward() {
    if (deck.holds(deck.now) && !deck.open) deck.go(deck.at, true); else deck.go(deck.at + 1);
  },
  // A slide that one comes back to is open, as one has left it.
  back() { deck.go(deck.at - 1, true); },
  answer() { deck.go(deck.at, !deck.open); },
};

// A link, or an address, may name a slide or something on one.
const fromHash = () => {
  const id = decodeURIComponent(location.hash.slice(1));
  const leaf = id && document.getElementById(id)?.closest('.leaf');
  deck.go(leaf ? leaves.indexOf(leaf) : Math.max(0, deck.at), deck.open && leaf === deck.now);
};
addEventListener('hashchange', fromHash);
fromHash();
