// Behaviour shared by all pages. No inline handlers anywhere: the content security policy
// forbids them, so everything hangs on data attributes here.
(function () {
  "use strict";

  // --- theme: the server reads the cookie, so the next page comes in the right colours at once.
  function setTheme(name) {
    var root = document.documentElement;
    root.dataset.look = name;
    if (name === "auto") { root.removeAttribute("data-bs-theme"); } else { root.dataset.bsTheme = name; }
    var secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = "lampa_theme=" + name + "; path=/; max-age=31536000; samesite=lax" + secure;
    document.querySelectorAll("[data-theme-choice]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === name));
    });
  }

  // --- messages
  function closeMessage(message) {
    var region = document.getElementById("messages");
    message.remove();
    if (region && region.contains(document.activeElement)) { document.getElementById("main").focus(); }
  }
  function watchMessages(root) {
    root.querySelectorAll("[data-fades]:not([data-watched])").forEach(function (message) {
      message.dataset.watched = "";
      var timer = setTimeout(closeMessage, 8000, message);
      ["mouseenter", "focusin"].forEach(function (name) {
        message.addEventListener(name, function () { clearTimeout(timer); });
      });
    });
  }
  function say(text, kind) {
    var template = document.getElementById("message-template");
    var region = document.getElementById("messages");
    if (!template || !region) { return; }
    var message = template.content.firstElementChild.cloneNode(true);
    message.classList.add("message-" + (kind || "error"));
    message.querySelector(".message-text").textContent = text;
    region.append(message);
  }

  // --- questions before something that cannot be taken back
  function ask(question, yes) {
    var template = document.getElementById("ask-template");
    if (!template || typeof HTMLDialogElement === "undefined") {
      if (window.confirm(question)) { yes(); }
      return;
    }
    var dialog = template.content.firstElementChild.cloneNode(true);
    dialog.querySelector("p").textContent = question;
    dialog.addEventListener("close", function () {
      if (dialog.returnValue === "yes") { yes(); }
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  }

  document.addEventListener("click", function (event) {
    var target = event.target.closest("[data-theme-choice], [data-close-message], [data-print], [data-copy]");
    if (!target) { return; }
    if (target.dataset.themeChoice) { setTheme(target.dataset.themeChoice); }
    if ("closeMessage" in target.dataset) { closeMessage(target.closest(".message")); }
    if ("print" in target.dataset) { window.print(); }
    if ("copy" in target.dataset && navigator.clipboard) {
      navigator.clipboard.writeText(target.dataset.copy).then(function () { say("Скопировано.", "success"); });
    }
  });

  document.addEventListener("submit", function (event) {
    var form = event.target;
    var button = event.submitter;
    var question = (button && button.dataset.confirm) || form.dataset.confirm;
    if (question && !form.dataset.confirmed) {
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(question, function () {
        form.dataset.confirmed = "yes";
        form.requestSubmit(button || undefined);
        delete form.dataset.confirmed;
      });
      return;
    }
    // The filters may have changed since the page came: save what the address says now.
    if ("currentQuery" in form.dataset) {
      form.elements.query.value = location.search.slice(1);
      form.elements.next.value = location.pathname + location.search;
    }
    // A second click must not send the form twice; htmx has its own guard.
    if (form.method === "post" && !form.matches("[hx-post], [data-again]")) {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "yes";
      dirty.delete(form);
    }
  }, true);
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  // --- typed but not saved
  var dirty = new Set();
  document.addEventListener("input", function (event) {
    var form = event.target.form;
    if (form && "guard" in form.dataset) { dirty.add(form); }
  });
  window.addEventListener("beforeunload", function (event) {
    if (Array.from(dirty).some(function (form) { return form.isConnected; })) { event.preventDefault(); }
  });

  // --- "/" goes to the search, as in other tools
  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (event.target.closest("input, textarea, select, [contenteditable]")) { return; }
    var search = document.querySelector("[data-search]");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  });

  // --- what the reader folded stays folded (only open or closed, never data)
  function restoreFolds(root) {
    root.querySelectorAll("details[data-keep]:not([data-kept])").forEach(function (details) {
      details.dataset.kept = "";
      var key = "fold:" + details.dataset.keep;
      try {
        var stored = localStorage.getItem(key);
        if (stored) { details.open = stored === "open"; }
        else if (window.innerWidth < 768) { details.open = false; }
        details.addEventListener("toggle", function () {
          localStorage.setItem(key, details.open ? "open" : "shut");
        });
      } catch (error) { /* storage switched off: the page works without */ }
    });
  }

  // --- a wide picture on a narrow screen opens at what it names as its middle
  document.addEventListener("htmx:load", function (event) {
    (event.detail.elt.parentElement || document).querySelectorAll("[data-show-at]").forEach(function (box) {
      if (box.scrollLeft) { return; }
      box.scrollLeft = Number(box.dataset.showAt) - box.clientWidth / 2;
    });
  });

  // --- a small number under a thumb; with a keyboard the arrows do the same
  function addSteppers(root) {
    root.querySelectorAll("input[data-stepper]:not([data-stepped])").forEach(function (input) {
      input.dataset.stepped = "";
      var box = document.createElement("div");
      box.className = "stepper";
      input.before(box);
      var label = input.labels && input.labels.length ? input.labels[0].textContent.trim() : "";
      function button(sign, word, step) {
        var made = document.createElement("button");
        made.type = "button"; made.className = "btn"; made.tabIndex = -1; made.textContent = sign;
        made.setAttribute("aria-label", word + ": " + label);
        made.addEventListener("click", function () {
          var least = input.min === "" ? -Infinity : Number(input.min);
          var most = input.max === "" ? Infinity : Number(input.max);
          input.value = Math.min(most, Math.max(least, (Number(input.value) || 0) + step));
          input.dispatchEvent(new Event("input", { bubbles: true }));
        });
        return made;
      }
      box.append(button("−", "Меньше", -1), input, button("+", "Больше", 1));
    });
  }
  document.addEventListener("lampa:drawn", function (event) { addSteppers(event.detail); });

  // --- htmx
  document.addEventListener("htmx:confirm", function (event) {
    if (!event.detail.question) { return; }
    event.preventDefault();
    ask(event.detail.question, function () { event.detail.issueRequest(true); });
  });
  // A filter left empty does not belong into the address.
  document.addEventListener("htmx:configRequest", function (event) {
    if (!event.detail.elt.matches("form[data-skip-empty]")) { return; }
    var form = event.detail.formData;
    Array.from(new Set(form.keys())).forEach(function (name) {
      if (form.getAll(name).every(function (value) { return value === "" || value === "unknown"; })) { form.delete(name); }
    });
  });
  document.addEventListener("htmx:beforeSwap", function (event) {
    // The session ended: the answer is the log-in page, which must not land in a corner of this one.
    var login = document.body.dataset.loginUrl;
    var answered = event.detail.xhr.responseURL;
    if (login && answered && new URL(answered).pathname === login && location.pathname !== login) {
      event.detail.shouldSwap = false;
      location.assign(login + "?next=" + encodeURIComponent(location.pathname + location.search));
    }
  });
  document.addEventListener("htmx:responseError", function (event) {
    var texts = { 403: "Недостаточно прав для этого действия.", 404: "Запись не найдена или вам недоступна.", 409: "Запись изменили, пока вы работали. Обновите страницу.", 429: "Слишком много запросов. Подождите немного.", 503: "Сейчас занято, например идёт загрузка файла. Ничего не записано: повторите через минуту." };
    say(texts[event.detail.xhr.status] || "Не удалось выполнить запрос. Попробуйте ещё раз.");
  });
  document.addEventListener("htmx:sendError", function () { say("Нет связи с сервером. Проверьте сеть и повторите."); });
  document.addEventListener("htmx:timeout", function () { say("Сервер отвечает слишком долго. Попробуйте ещё раз."); });
  document.addEventListener("htmx:load", function (event) { watchMessages(event.detail.elt.parentElement || document); restoreFolds(event.detail.elt.parentElement || document); addSteppers(event.detail.elt.parentElement || document); });

  // A tab loaded by htmx becomes the current one for eyes and for screen readers.
  document.addEventListener("htmx:afterSwap", function (event) {
    var tab = event.detail.requestConfig && event.detail.requestConfig.elt;
    if (!tab || !tab.matches(".tab")) { return; }
    tab.closest(".tabs").querySelectorAll(".tab").forEach(function (other) { other.removeAttribute("aria-current"); });
    tab.setAttribute("aria-current", "page");
  });

  document.addEventListener("DOMContentLoaded", function () {
    var first = document.querySelector("[data-focus]");
    if (first) { first.focus(); }
    // A long menu begins where one is: only its own scroll, never that of the page.
    var menu = document.getElementById("sidebar");
    var here = menu && menu.querySelector("[aria-current]");
    if (here) { menu.scrollTop = here.offsetTop - menu.offsetTop + here.offsetHeight * 2 - menu.clientHeight; }
    watchMessages(document); restoreFolds(document); addSteppers(document); });
})();
