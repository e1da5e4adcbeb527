// The board of needs: a card goes to the next stage by mouse and by keyboard. The step itself is
// a form (a date, the evidence), so letting go on the right column opens it; anywhere else the
// board says why not. Buttons in the cards do the same without this script.
(function () {
  "use strict";

  var held = null; // the card taken by keyboard
  var drag = null; // the card taken by mouse
  var FAR = 6; // pixels before a press becomes a drag

  function board() { return document.querySelector("[data-need-board]"); }
  function columns() { return Array.from(board().querySelectorAll("[data-column]")); }
  function columnOf(card) { return card.closest("[data-column]"); }
  function indexOf(column) { return Number(column.dataset.column); }
  function cardsIn(column) { return Array.from(column.querySelectorAll("[data-card]")); }
  function tell(text) { var said = document.getElementById("need-board-said"); said.textContent = ""; setTimeout(function () { said.textContent = text; }, 30); }

  // Aloud for a screen reader, and for the eyes where a move was refused.
  function refuse(text) {
    tell(text);
    var template = document.getElementById("message-template");
    var region = document.getElementById("messages");
    if (!template || !region) { return; }
    region.querySelectorAll("[data-from-board]").forEach(function (old) { old.remove(); });
    var message = template.content.firstElementChild.cloneNode(true);
    message.dataset.fromBoard = "";
    message.classList.add("message-error");
    message.querySelector(".message-text").textContent = text;
    region.append(message);
  }

  function mark(column) {
    columns().forEach(function (other) { other.classList.toggle("is-target", other === column); });
  }

  // Why a card may not be let go on a column; empty where it may.
  function problem(card, column) {
    var from = indexOf(columnOf(card)), to = indexOf(column);
    if (to < from) { return "На этап назад возвращают в карточке потребности, с причиной."; }
    if (card.dataset.coming !== column.dataset.label) {
      if (!card.dataset.coming) { return "Это последний этап: дальше идти некуда."; }
      return "Этапы не пропускают: следующий — «" + card.dataset.coming + "».";
    }
    if (!card.dataset.next) { return "Недостаточно прав, чтобы вести потребность дальше."; }
    return "";
  }

  function letGo(card, column) {
    mark(null);
    if (column === columnOf(card)) { tell("Карточка осталась на месте."); return; }
    var why = problem(card, column);
    if (why) { refuse(why); return; }
    tell("Открываю шаг «" + column.dataset.label + "».");
    location.assign(card.dataset.next);
  }

  // --- mouse
  function under(event) {
    var found = document.elementFromPoint(event.clientX, event.clientY);
    return found ? found.closest("[data-need-board] [data-column]") : null;
  }
  document.addEventListener("pointerdown", function (event) {
    var card = event.target.closest("[data-need-board] [data-card]");
    if (!card || event.pointerType === "touch" || event.button !== 0) { return; }
    drag = { card: card, x: event.clientX, y: event.clientY, moving: false };
  });
  document.addEventListener("pointermove", function (event) {
    if (!drag) { return; }
    if (!drag.moving && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < FAR) { return; }
    if (!drag.moving) {
      drag.moving = true;
      drag.card.classList.add("is-dragged");
      document.body.classList.add("is-dragging");
    }
    event.preventDefault();
    drag.card.style.transform = "translate(" + (event.clientX - drag.x) + "px, " + (event.clientY - drag.y) + "px)";
    mark(under(event));
  });
  function stop() {
    if (!drag) { return null; }
    var was = drag;
    drag = null;
    was.card.classList.remove("is-dragged");
    was.card.style.transform = "";
    document.body.classList.remove("is-dragging");
    return was;
  }
  document.addEventListener("pointerup", function (event) {
    var column = drag && drag.moving ? under(event) : null;
    var was = stop();
    if (!was || !was.moving) { return; }
    // A press that became a drag is no click on the link under it.
    window.addEventListener("click", function (click) { click.preventDefault(); click.stopPropagation(); }, { capture: true, once: true });
    setTimeout(function () { window.dispatchEvent(new MouseEvent("click", { cancelable: true })); }, 0);
    mark(null);
    if (column) { letGo(was.card, column); }
  });
  document.addEventListener("pointercancel", function () { stop(); if (board()) { mark(null); } });
  document.addEventListener("dragstart", function (event) {
    if (event.target.closest && event.target.closest("[data-need-board]")) { event.preventDefault(); }
  });

  // --- keyboard
  function focusCard(card) {
    card.focus();
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  function walk(card, key) {
    var column = columnOf(card), own = cardsIn(column), place = own.indexOf(card);
    if (key === "ArrowDown" || key === "ArrowUp") {
      var beside = own[place + (key === "ArrowDown" ? 1 : -1)];
      if (beside) { focusCard(beside); }
      return;
    }
    var step = key === "ArrowRight" ? 1 : -1, all = columns();
    for (var at = indexOf(column) + step; at >= 0 && at < all.length; at += step) {
      var there = cardsIn(all[at]);
      if (there.length) {
        focusCard(there[Math.min(place, there.length - 1)]);
        tell("Этап «" + all[at].dataset.label + "».");
        return;
      }
    }
  }
  function drop() {
    var was = held;
    held = null;
    was.card.classList.remove("is-held");
    mark(null);
    return was;
  }
  function carry(key) {
    var all = columns(), at = indexOf(held.column) + (key === "ArrowRight" ? 1 : -1);
    if (!all[at]) { return; }
    held.column = all[at];
    mark(held.column);
    held.column.scrollIntoView({ block: "nearest", inline: "nearest" });
    tell("«" + held.column.dataset.label + "». " + (held.column === columnOf(held.card) ? "Здесь она стоит." : problem(held.card, held.column) || "Enter, чтобы отпустить."));
  }
  document.addEventListener("keydown", function (event) {
    var card = event.target.closest ? event.target.closest("[data-need-board] [data-card]") : null;
    if (!card || event.target !== card || event.ctrlKey || event.metaKey || event.altKey) { return; }
    var isArrow = /^Arrow(Left|Right|Up|Down)$/.test(event.key);
    if (held && held.card === card) {
      if (event.key === "ArrowLeft" || event.key === "ArrowRight") { event.preventDefault(); carry(event.key); }
      else if (event.key === "Escape") { event.preventDefault(); drop(); tell("Карточка осталась на месте."); }
      else if (event.key === "Enter" || event.key === " ") { event.preventDefault(); var was = drop(); letGo(was.card, was.column); }
      else if (isArrow) { event.preventDefault(); }
      return;
    }
    if (isArrow) { event.preventDefault(); walk(card, event.key); }
    else if (event.key === " ") {
      event.preventDefault();
      held = { card: card, column: columnOf(card) };
      card.classList.add("is-held");
      tell("Взята «" + card.dataset.title + "». Стрелка вправо — следующий этап, Enter — отпустить, Esc — отменить.");
    } else if (event.key === "Enter") {
      var link = card.querySelector("a");
      if (link) { event.preventDefault(); location.assign(link.href); }
    }
  });
  document.addEventListener("focusout", function (event) {
    if (held && event.target === held.card) { drop(); }
  });
})();
