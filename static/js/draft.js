// What is typed into a form with data-draft="<key>" is never lost and is written once.
//
// A draft (typed, not sent) and an outbox (sent, not confirmed) live in localStorage, apart for
// each user of the browser. Either is dropped only when the server has confirmed the write, or
// when the user throws it away. How it fits together: docs/decisions/0007.
(function () {
  "use strict";

  var user = document.body.dataset.user;
  var storage = usable();
  if (!user || !storage || typeof fetch === "undefined") { return; }
  var DRAFT = "lampa:draft:" + user + ":", OUTBOX = "lampa:send:" + user + ":";
  var KEPT_DAYS = 30, PATIENCE = 20000, PAUSES = [5000, 15000, 30000, 60000];
  var NO_NETWORK = "Нет связи. Записано в этом браузере, отправим, когда связь появится.";
  var NO_ROOM = "Браузер не может сохранить черновик: не закрывайте страницу, пока не отправите.";

  // --- storage
  function usable() {
    try {
      localStorage.setItem("lampa:probe", "1");
      localStorage.removeItem("lampa:probe");
      return localStorage;
    } catch (error) { return null; }
  }
  function read(key) {
    try { return JSON.parse(storage.getItem(key)); } catch (error) { return null; }
  }
  function write(key, value) {
    try { storage.setItem(key, JSON.stringify(value)); return true; } catch (error) { return false; }
  }
  function keys(prefix) {
    return Object.keys(storage).filter(function (key) { return key.startsWith(prefix); });
  }
  function forgetOld() {
    var oldest = Date.now() - KEPT_DAYS * 86400000;
    keys(DRAFT).forEach(function (key) {
      var draft = read(key);
      if (!draft || Date.parse(draft.at) < oldest) { storage.removeItem(key); }
    });
  }
  function newNumber() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64; bytes[8] = (bytes[8] & 63) | 128;
    var hex = Array.from(bytes, function (b) { return b.toString(16).padStart(2, "0"); }).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  // --- what stands in a form
  function kept(field) {
    return field.name && !/^(hidden|password|file|submit|button|reset|image)$/.test(field.type);
  }
  function ticked(field) { return field.type === "checkbox" || field.type === "radio"; }
  function valuesOf(field) {
    if (ticked(field)) { return field.checked ? [field.value] : []; }
    if (field.options) {
      return Array.from(field.options).filter(function (o) { return o.selected; }).map(function (o) { return o.value; });
    }
    return [field.value];
  }
  function isTouched(field) {
    if (ticked(field)) { return field.checked !== field.defaultChecked; }
    if (!field.options) { return field.value !== field.defaultValue; }
    var chosen = Array.from(field.options).filter(function (o) { return o.defaultSelected; });
    if (!chosen.length && !field.multiple) { chosen = Array.from(field.options).slice(0, 1); }
    return String(valuesOf(field)) !== String(chosen.map(function (o) { return o.value; }));
  }
  // Only what was changed by hand is kept: the page's own defaults may be better tomorrow.
  function typedIn(form, before) {
    var found = {}, names = new Set(Object.keys(before));
    var fields = Array.from(form.elements).filter(kept);
    fields.forEach(function (field) { if (isTouched(field)) { names.add(field.name); } });
    // The hour that was shown while typing is meant, not the hour of coming back.
    if (names.size) { fields.forEach(function (field) { if ("asShown" in field.dataset) { names.add(field.name); } }); }
    names.forEach(function (name) {
      var own = fields.filter(function (field) { return field.name === name; });
      // A field that this page does not show (the other level's) keeps what was typed into it.
      found[name] = own.length ? own.flatMap(valuesOf) : before[name];
    });
    return found;
  }
  function fill(form, values) {
    Array.from(form.elements).filter(kept).forEach(function (field) {
      var wanted = values[field.name];
      if (!wanted) { return; }
      if (ticked(field)) { field.checked = wanted.includes(field.value); }
      else if (field.options) {
        Array.from(field.options).forEach(function (option) { option.selected = wanted.includes(option.value); });
      } else { field.value = wanted[0] === undefined ? "" : wanted[0]; }
      var fold = field.closest("details");
      while (fold) { fold.open = true; fold = fold.parentElement.closest("details"); }
    });
  }
  function hidden(form, name) { return form.querySelector("input[type=hidden][name=" + name + "]"); }

  // --- notes
  function clock(at) {
    var moment = new Date(at), today = new Date();
    var time = moment.toLocaleTimeString("ru-RU", { hour: "2-digit", minute: "2-digit" });
    if (moment.toDateString() === today.toDateString()) { return time; }
    return moment.toLocaleDateString("ru-RU", { day: "2-digit", month: "2-digit" }) + " " + time;
  }
  function note(form, text, kind, label, act) {
    var old = form.querySelector(".draft-note");
    if (old) { old.remove(); }
    if (!text) { return; }
    var box = document.createElement("div");
    box.className = "alert alert-" + kind + " draft-note";
    box.setAttribute("role", kind === "info" ? "status" : "alert");
    var words = document.createElement("span");
    words.textContent = text;
    box.append(words);
    if (label) {
      var button = document.createElement("button");
      button.type = "button"; button.className = "btn btn-sm"; button.textContent = label;
      button.addEventListener("click", act);
      box.append(button);
    }
    form.prepend(box);
  }
  function tell(text, kind, address, label) {
    var template = document.getElementById("message-template");
    var region = document.getElementById("messages");
    if (!template || !region) { return; }
    var message = template.content.firstElementChild.cloneNode(true);
    message.classList.add("message-" + kind);
    var body = message.querySelector(".message-text");
    body.textContent = text + " ";
    if (address) {
      var link = document.createElement("a");
      link.href = address; link.textContent = label;
      body.append(link);
    }
    region.append(message);
  }

  // --- drafts
  var watched = new Map(); // form → how to keep it at once

  function watch(form) {
    if (watched.has(form)) { return; }
    var key = DRAFT + form.dataset.draft;
    var number = hidden(form, "submission"), version = hidden(form, "version");
    var fresh = number && number.value; // the page's own number, for when the draft is thrown away
    var timer = null;
    form.removeAttribute("data-guard"); // nothing to be warned of: what is typed stays

    function keep() {
      clearTimeout(timer); timer = null;
      // A form that was drawn anew speaks for itself; its predecessor must not write over it.
      if ("waiting" in form.dataset || form.dataset.done || !form.isConnected) { return; }
      var before = read(key);
      var fields = typedIn(form, before ? before.fields : {});
      if (!before && !Object.keys(fields).length) { return; }
      var stored = write(key, {
        at: new Date().toISOString(), page: location.pathname,
        submission: number ? number.value : "", version: version ? version.value : "", fields: fields,
      });
      if (!stored) { note(form, NO_ROOM, "warning"); }
    }
    function later() { clearTimeout(timer); timer = setTimeout(keep, 300); }
    function discard() {
      clearTimeout(timer);
      storage.removeItem(key);
      form.reset();
      if (number) { number.value = fresh = newNumber(); }
      note(form, "");
      // A form that came back with refusals has what was typed as its own: ask for a clean one.
      if (form.querySelector(".is-invalid")) { location.assign(location.pathname); }
    }

    var draft = read(key);
    var waiting = keys(OUTBOX).map(read).find(function (item) { return item && item.key === key && !item.refused; });
    var isAnswer = form.dataset.answer === "yes"; // drawn by the server with what was typed
    if (draft && !isAnswer) {
      fill(form, draft.fields);
      if (number && draft.submission) { number.value = draft.submission; }
      var moved = version && draft.version && draft.version !== version.value;
      if (version && draft.version) { version.value = draft.version; }
      if (Object.keys(draft.fields).length) {
        note(form, "Восстановлен черновик от " + clock(draft.at) + "." + (moved ? " Запись с тех пор изменили: при сохранении покажем, что в ней теперь." : ""), "info", "Отбросить черновик", discard);
      }
      var level = form.querySelector("[data-redraw]:checked");
      if (level && isTouched(level) && window.htmx) { window.htmx.trigger(level, "change"); }
    }
    if (waiting) { tell("Прошлая запись из этой формы ещё не отправлена: " + NO_NETWORK, "info"); }
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    form.addEventListener("submit", function (event) {
      if (event.defaultPrevented) { return; }
      event.preventDefault();
      keep();
      submit(form, key, event.submitter);
    });
    window.addEventListener("storage", function (event) {
      if (event.key !== key || event.newValue || !form.isConnected) { return; }
      if (number) { number.value = newNumber(); }
      note(form, "Эту запись уже отправили или отбросили в другой вкладке. Если отправить ещё раз, получится вторая.", "warning");
    });
    watched.set(form, keep);
  }
  function keepAll() {
    watched.forEach(function (keep, form) { if (form.isConnected) { keep(); } else { watched.delete(form); } });
  }

  // --- sending
  function token() {
    var field = document.querySelector("[name=csrfmiddlewaretoken]");
    if (field) { return field.value; }
    try { return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"]; } catch (error) { return ""; }
  }
  function parse(html) { return new DOMParser().parseFromString(html, "text/html"); }

  // Resolves to {done: address}, {login}, {page: document}, {said: text}, {lost} or {foreign}.
  function post(action, pairs, csrf, isSecond) {
    var body = new FormData();
    pairs.forEach(function (pair) { body.append(pair[0], pair[1]); });
    body.set("csrfmiddlewaretoken", csrf);
    var patience = new AbortController();
    var timer = setTimeout(function () { patience.abort(); }, PATIENCE);
    return fetch(action, { method: "POST", body: body, credentials: "same-origin", headers: { "X-Draft": "1" }, signal: patience.signal })
      .then(function (answer) {
        if (answer.status === 204) { return { done: answer.headers.get("X-Location") || location.href }; }
        if (answer.redirected && new URL(answer.url).pathname === document.body.dataset.loginUrl) { return { login: true }; }
        if (answer.redirected && answer.ok) { return { done: answer.url }; }
        if (answer.status === 502 || answer.status === 503 || answer.status === 504) { return { lost: true }; }
        return answer.text().then(function (html) {
          var page = parse(html);
          if (answer.status === 403 && page.querySelector("[data-stale-form]") && !isSecond) { return again(action, pairs); }
          if (page.querySelector("form[data-draft]")) { return { page: page }; }
          return { said: refusal(answer.status) };
        });
      })
      .catch(function () { return { lost: true }; })
      .finally(function () { clearTimeout(timer); });
  }
  // Signed in again since the page came: take the token that is valid now, if it is the same user.
  function again(action, pairs) {
    return fetch(action, { credentials: "same-origin" }).then(function (answer) {
      if (new URL(answer.url).pathname === document.body.dataset.loginUrl) { return { login: true }; }
      return answer.text().then(function (html) {
        var page = parse(html);
        if (page.body.dataset.user !== user) { return { foreign: true }; }
        var field = page.querySelector("[name=csrfmiddlewaretoken]");
        return field ? post(action, pairs, field.value, true) : { said: refusal(answer.status) };
      });
    });
  }
  function refusal(status) {
    var texts = { 403: "Недостаточно прав для этого действия.", 404: "Запись не найдена или вам недоступна.", 413: "Слишком длинный текст.", 400: "Слишком длинный текст или неверные данные.", 429: "Слишком много запросов. Подождите немного." };
    return (texts[status] || "На сервере ошибка, не записано.") + " Написанное осталось в черновике.";
  }
  function toLogin() {
    location.assign(document.body.dataset.loginUrl + "?next=" + encodeURIComponent(location.pathname + location.search));
  }

  function submit(form, key, submitter) {
    var pairs = Array.from(new FormData(form)).filter(function (pair) { return pair[0] !== "csrfmiddlewaretoken" && typeof pair[1] === "string"; });
    if (submitter && submitter.name) { pairs.push([submitter.name, submitter.value]); }
    var draft = read(key);
    var item = {
      id: newNumber(), key: key, action: form.action, page: location.pathname + location.search, at: new Date().toISOString(),
      title: document.querySelector("h1") ? document.querySelector("h1").textContent.trim() : document.title,
      pairs: pairs, fields: draft ? draft.fields : {}, submission: value(form, "submission"), version: value(form, "version"),
    };
    if (navigator.onLine === false) { hold(form, key, item); return; }
    form.setAttribute("aria-busy", "true");
    post(item.action, pairs, value(form, "csrfmiddlewaretoken")).then(function (answer) {
      form.removeAttribute("aria-busy");
      delete form.dataset.sent;
      if (answer.done) { form.dataset.done = "yes"; storage.removeItem(key); location.assign(answer.done); }
      else if (answer.lost) { hold(form, key, item); }
      else if (answer.login) { toLogin(); }
      else if (answer.page) { redraw(form, answer.page); }
      else if (answer.foreign) { note(form, "В этом браузере вошёл другой сотрудник. Написанное осталось в вашем черновике: войдите под своим именем.", "warning"); }
      else { note(form, answer.said, "danger"); }
    });
  }
  function value(form, name) { var field = hidden(form, name); return field ? field.value : ""; }

  // The server's answer with the refusals at their fields takes the place of the form.
  function redraw(form, page) {
    var answer = page.querySelector("form[data-draft='" + CSS.escape(form.dataset.draft) + "']") || page.querySelector("form[data-draft]");
    answer.dataset.answer = "yes";
    answer = document.importNode(answer, true);
    watched.delete(form);
    form.replaceWith(answer);
    if (window.htmx) { window.htmx.process(answer); }
    document.dispatchEvent(new CustomEvent("lampa:drawn", { detail: answer }));
    watch(answer);
    var first = answer.querySelector("[data-focus]");
    if (first) { first.focus(); }
    window.scrollTo(0, 0);
  }

  // --- the outbox
  // Whether the server has it is not known, so nothing of it is changed until the server says.
  function hold(form, key, item) {
    if (!write(OUTBOX + item.id, item)) { delete form.dataset.sent; note(form, "Нет связи, и браузер не может записать. Не закрывайте страницу и отправьте ещё раз.", "danger"); return; }
    form.dataset.waiting = item.id;
    storage.removeItem(key);
    Array.from(form.elements).forEach(function (field) { field.disabled = true; });
    note(form, NO_NETWORK, "warning");
    form.querySelector(".draft-note").scrollIntoView({ block: "center" });
    retryLater();
  }
  var timer = null, tries = 0, flushing = false;
  function retryLater() {
    clearTimeout(timer);
    timer = setTimeout(flush, PAUSES[Math.min(tries++, PAUSES.length - 1)]);
  }
  function waitingItems() {
    return keys(OUTBOX).map(read).filter(function (item) { return item && !item.refused; })
      .sort(function (a, b) { return a.at < b.at ? -1 : 1; });
  }
  function flush() {
    if (flushing || navigator.onLine === false || !waitingItems().length) { return; }
    flushing = true;
    // Of several tabs one sends; where that cannot be agreed, the server writes once anyway.
    var work = navigator.locks
      ? navigator.locks.request("lampa:send", { ifAvailable: true }, function (lock) { return lock ? sendAll() : null; })
      : sendAll();
    Promise.resolve(work).finally(function () {
      flushing = false;
      if (waitingItems().length) { retryLater(); } else { tries = 0; }
    });
  }
  function sendAll() {
    return waitingItems().reduce(function (before, item) {
      return before.then(function (goOn) { return goOn === false ? false : send(item); });
    }, Promise.resolve());
  }
  // Resolves to false where it makes no sense to try the next one now.
  function send(item) {
    return post(item.action, item.pairs, token()).then(function (answer) {
      var form = document.querySelector("form[data-waiting='" + item.id + "']");
      if (answer.lost || answer.foreign) { return false; }
      if (answer.login) {
        tell("Записанное без связи отправим, когда вы войдёте:", "warning", document.body.dataset.loginUrl + "?next=" + encodeURIComponent(item.page), "войти");
        return false;
      }
      if (answer.done) {
        storage.removeItem(OUTBOX + item.id);
        if (form) { location.assign(answer.done); } else { tell("Отправлено: " + item.title + ".", "success", answer.done, "Открыть"); }
        return true;
      }
      giveBack(item, answer.said);
      if (form && answer.page) { delete form.dataset.waiting; redraw(form, answer.page); }
      else { tell("Не записано: " + item.title + ". " + (answer.said || "Проверьте поля и отправьте ещё раз."), "error", item.page, "Открыть черновик"); }
      return true;
    });
  }
  // Refused by the server: it is a draft again, to be mended by who wrote it.
  function giveBack(item) {
    if (read(item.key)) { item.refused = true; write(OUTBOX + item.id, item); return; }
    var stored = write(item.key, { at: item.at, page: item.page, submission: item.submission, version: item.version, fields: asFields(item) });
    if (stored) { storage.removeItem(OUTBOX + item.id); }
  }
  function asFields(item) {
    var found = {};
    item.pairs.forEach(function (pair) {
      if (pair[0] in item.fields) { (found[pair[0]] = found[pair[0]] || []).push(pair[1]); }
    });
    return Object.assign({}, item.fields, found);
  }
  // A second draft of the same form stood in the way: it is gone, the refused one takes its place.
  function returnRefused() {
    keys(OUTBOX).map(read).forEach(function (item) {
      if (item && item.refused && !read(item.key)) {
        giveBack(item);
        tell("Не было записано: " + item.title + ".", "error", item.page, "Открыть черновик");
      }
    });
  }

  // --- when
  window.addEventListener("pageshow", function (event) {
    if (event.persisted && document.querySelector("form[data-done]")) { location.reload(); }
  });
  function watchIn(root) { root.querySelectorAll("form[data-draft]").forEach(watch); }
  window.addEventListener("online", function () { tries = 0; flush(); });
  window.addEventListener("pagehide", keepAll);
  document.addEventListener("visibilitychange", function () { if (document.hidden) { keepAll(); } });
  document.addEventListener("htmx:beforeRequest", keepAll);
  document.addEventListener("htmx:load", function (event) { watchIn(event.detail.elt.parentElement || document); });
  document.addEventListener("DOMContentLoaded", function () {
    forgetOld();
    returnRefused();
    watchIn(document);
    flush();
  });
})();
