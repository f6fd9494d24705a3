// Draws source → cue → content of every claim, and lights up the one that is pointed at or chosen.
"use strict";
for (const article of document.querySelectorAll("article")) {
  const words = article.querySelector(".words");
  const arrows = words.querySelector(".arrows");
  const cards = [...article.querySelectorAll(".claim")];
  const roles = ["source", "cue", "content"];
  let chosen = null;

  const pieces = (role, number) =>
    [...article.querySelectorAll(`[data-${role}~="${CSS.escape(number)}"]`)];
  const paths = new Map(cards.map((card) => [card.dataset.claim, []]));

  function middle(piece, origin) {
    const box = piece.getClientRects()[0];
    return { x: box.left + Math.min(box.width, 60) / 2 - origin.left, y: box.top - origin.top };
  }

  function draw() {
    const origin = words.getBoundingClientRect();
    arrows.replaceChildren();
    for (const [number, drawn] of paths) {
      drawn.length = 0;
      const stops = roles.map((role) => pieces(role, number).find((piece) => words.contains(piece)));
      const there = stops.filter((piece) => piece && piece.getClientRects().length);
      for (let i = 1; i < there.length; i++) {
        const from = middle(there[i - 1], origin);
        const to = middle(there[i], origin);
        const lift = Math.min(from.y, to.y) - 10 - Math.min(Math.abs(from.x - to.x) / 8, 24);
        const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
        path.setAttribute("d", `M${from.x},${from.y} C${from.x},${lift} ${to.x},${lift} ${to.x},${to.y}`);
        path.dataset.claim = number;
        arrows.append(path);
        drawn.push(path);
      }
    }
    show(chosen);
  }

  function show(number) {
    for (const piece of words.querySelectorAll(".on, .off")) piece.classList.remove("on", "off");
    for (const [each, drawn] of paths) for (const path of drawn) path.classList.toggle("on", each === number);
    if (number === null) return;
    for (const role of roles) for (const piece of pieces(role, number)) piece.classList.add("on");
  }

  function choose(number) {
    chosen = chosen === number ? null : number;
    for (const card of cards) card.setAttribute("aria-pressed", String(card.dataset.claim === chosen));
    show(chosen);
  }

  for (const card of cards) {
    const number = card.dataset.claim;
    card.addEventListener("click", () => choose(number));
    card.addEventListener("pointerenter", () => show(number));
    card.addEventListener("pointerleave", () => show(chosen));
  }
  article.addEventListener("click", (event) => {
    const piece = event.target.closest("[data-content], [data-cue], [data-source]");
    if (!piece) return;
    const numbers = (piece.dataset.content || piece.dataset.cue || piece.dataset.source).split(" ");
    const number = numbers[numbers.length - 1];
    choose(number);
    cards.find((card) => card.dataset.claim === number)?.scrollIntoView({ block: "nearest" });
  });
  new ResizeObserver(draw).observe(words);
  draw();
}
