// The ranking of the search. `search/ranking.rs` is the same in Rust, and a test compares the two.
globalThis.hookproofRanking = (() => {
  const STOP = new Set(("a an and are at be can did do does for from happens has have how i if in is it me my of on or s "
    + "should so that the then there these this to was were what when where which who will with you your").split(" "));
  const GENERIC = new Set(["hookproof", "listener", "webhook", "xsolla"]);
  const TYPO_LETTERS_MIN = 4;
  const PREFIX_LETTERS_MIN = 2;
  const [EXACT, PREFIX, TYPO] = [3, 2, 1];
  const FOLD = { "à-å": "a", "ç": "c", "è-ë": "e", "ì-ï": "i", "ñ": "n", "ò-ö": "o", "ù-ü": "u", "ß": "s" };
  const FOLDS = Object.entries(FOLD).map(([letters, plain]) => [new RegExp(`[${letters}]`, "g"), plain]);

  // The plain words of a text: lower case, no accents, singular.
  const words = (text) => {
    let folded = text.toLowerCase();
    for (const [letters, plain] of FOLDS) folded = folded.replace(letters, plain);
    const split = folded.split(/[^\p{Alphabetic}\p{N}]+/u).filter(Boolean);
    return split.map((word) => (STOP.has(word) ? word : singular(word)));
  };

  const singular = (word) => {
    const letters = [...word].length;
    if (letters > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
    if (word.endsWith("sses")) return word.slice(0, -2);
    const kept = /(?:ss|us|is)$/.test(word);
    return word.endsWith("s") && letters > 2 && !kept ? word.slice(0, -1) : word;
  };

  // The words that say something; all of them where none does.
  const phrase = (text) => {
    const all = words(text);
    const telling = all.filter((word) => !STOP.has(word));
    return telling.length === 0 ? all : telling;
  };

  const prepared = (entry) => ({
    title: phrase(entry.t),
    aliases: (entry.a ?? []).map(phrase),
    text: words(`${entry.k} ${entry.x}`),
    rank: entry.k.startsWith("member of") ? -8 : entry.u.includes("#") ? 0 : 3,
  });

  const score = (entry, query) => {
    if (query.length === 0) return 0;
    const all = Math.max(whole(entry.title, query, 900), ...entry.aliases.map((alias) => whole(alias, query, 1000)));
    let [sum, found, wanted] = [0, 0, 0];
    for (const word of query) {
      const generic = GENERIC.has(word);
      if (!generic) wanted += 1;
      const points = best(entry, word, query);
      if (points === 0) sum -= generic ? 0 : 20;
      else if (generic) sum += Math.trunc(points / 8);
      else {
        sum += points;
        found += 1;
      }
    }
    if (all === 0 && (sum <= 0 || found * 2 < wanted || (found === 0 && wanted > 0))) return 0;
    return Math.max(all + sum + entry.rank, 1);
  };

  // The query and a phrase as a whole: equal, begun, or with letters wrong.
  const whole = (known, query, most) => {
    if (known.length !== query.length) return 0;
    let least = EXACT;
    for (const [at, word] of query.entries()) {
      const like = likeness(known[at], word);
      // Only the last word may be half typed.
      if (like === 0 || (like === PREFIX && at + 1 < query.length)) return 0;
      least = Math.min(least, like);
    }
    return least === EXACT ? most : least === PREFIX ? most - 500 : most - 400;
  };

  // The points of one word, in whatever part of the entry it does best.
  const best = (entry, word, query) => Math.max(
    inText(entry.text, word),
    points(entry.title, word, query, 12),
    ...entry.aliases.map((alias) => points(alias, word, query, 10)),
  );

  // Running text, where no letter may be wrong.
  const inText = (text, word) => {
    if (text.includes(word)) return 6;
    return [...word].length >= PREFIX_LETTERS_MIN && text.some((known) => known.startsWith(word)) ? 3 : 0;
  };

  // More where the query has the whole phrase.
  const points = (known, word, query, each) => {
    const like = mostAlike(known, word);
    if (like === 0) return 0;
    const covered = known.filter((one) => mostAlike(query, one) > 0).length;
    return covered === known.length ? like * each + 4 : Math.trunc(like * each / 2);
  };

  const mostAlike = (known, word) => known.reduce((most, one) => Math.max(most, likeness(one, word)), 0);

  // Two words: equal, the one begun by the other, or one letter wrong.
  const likeness = (known, word) => {
    if (known === word) return EXACT;
    if ([...word].length >= PREFIX_LETTERS_MIN && known.startsWith(word)) return PREFIX;
    // Most pairs are told apart by their lengths.
    if (Math.abs(known.length - word.length) > 1) return 0;
    const [left, right] = [[...known], [...word]];
    const long = left.length >= TYPO_LETTERS_MIN && right.length >= TYPO_LETTERS_MIN;
    return long && near(left, right) ? TYPO : 0;
  };

  // One letter left out, added, exchanged, or swapped with its neighbour.
  const near = (left, right) => {
    if (/[0-9]/.test(left.join("") + right.join("")) || Math.abs(left.length - right.length) > 1) return false;
    let same = 0;
    while (same < left.length && same < right.length && left[same] === right[same]) same += 1;
    const [a, b] = [left.slice(same), right.slice(same)];
    const equal = (from, to) => a.slice(from).join("") === b.slice(to).join("");
    return (a.length > 0 && equal(1, 0)) || (b.length > 0 && equal(0, 1)) || (a.length > 0 && b.length > 0 && equal(1, 1))
      || (a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0] && equal(2, 2));
  };

  // The entries that have something to say, the best first.
  const ranked = (entries, text) => {
    const query = phrase(text);
    const scored = entries.map((entry) => [score(entry, query), entry]).filter(([points]) => points > 0);
    return scored.sort((a, b) => b[0] - a[0]).map(([, entry]) => entry);
  };

  return { prepared, ranked };
})();
