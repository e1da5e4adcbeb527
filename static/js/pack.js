// The panels of the home page in two columns without holes between them: each takes as many narrow
// rows of the grid as it is high. Without this script, or in one column, they stand row by row.
(function () {
  "use strict";

  var GAP = 16;

  function fit(card) {
    card.style.gridRowEnd = "span " + Math.ceil(card.getBoundingClientRect().height + GAP);
  }

  document.addEventListener("DOMContentLoaded", function () {
    var grid = document.querySelector("[data-pack]");
    if (!grid || !window.ResizeObserver) { return; }
    var watch = new ResizeObserver(function (seen) {
      seen.forEach(function (one) { fit(one.target); });
    });
    grid.classList.add("is-packed");
    Array.from(grid.children).forEach(function (card) { fit(card); watch.observe(card); });
  });
})();
