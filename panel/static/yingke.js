// What the pages do beyond plain HTML. Everything works without it except the look-ups.
(function () {
  "use strict";

  // A question before what cannot be taken back.
  document.addEventListener("click", function (event) {
    var asking = event.target.closest("[data-confirm]");
    if (asking && !window.confirm(asking.dataset.confirm)) event.preventDefault();
  });

  // A second click on the same button is not a second request.
  document.addEventListener("submit", function (event) {
    if (event.defaultPrevented || event.target.method !== "post") return;
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    event.target.dataset.sent = "1";
    window.setTimeout(function () { delete event.target.dataset.sent; }, 4000);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  // Tick every row of the page.
  document.querySelectorAll("[data-tick-all]").forEach(function (box) {
    box.addEventListener("change", function () {
      document.querySelectorAll("input[name=rowid]").forEach(function (row) { row.checked = box.checked; });
    });
  });

  // Demo logins fill the form.
  document.querySelectorAll("[data-login]").forEach(function (button) {
    button.addEventListener("click", function () {
      document.getElementById("username").value = button.dataset.login;
      document.getElementById("password").value = "demo-yingke";
      document.getElementById("password").form.requestSubmit();
    });
  });

  // Look-ups: a text box that asks the server, in place of a select with every row of a table.
  function lookUp(hidden) {
    var many = hidden.dataset.multiple === "1";
    var chosen = [];
    try {
      var given = JSON.parse(hidden.dataset.json || "null");
      if (given) chosen = many ? given : [given];
    } catch (error) { chosen = []; }
    var box = document.createElement("div");
    box.className = "lookup";
    var tags = document.createElement("span");
    tags.className = "lookup-tags";
    var input = document.createElement("input");
    input.type = "text";
    input.autocomplete = "off";
    input.className = "form-control";
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-expanded", "false");
    input.id = hidden.id + "-text";
    var label = document.querySelector("label[for='" + hidden.id + "']");
    if (label) label.htmlFor = input.id;
    var list = document.createElement("ul");
    list.className = "lookup-list";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    box.append(tags, input, list);
    hidden.after(box);
    var timer = 0, asked = 0, at = -1;

    function show() {
      hidden.value = chosen.map(function (c) { return c[0]; }).join(",");
      tags.replaceChildren();
      chosen.forEach(function (c) {
        var tag = document.createElement("button");
        tag.type = "button";
        tag.className = "lookup-tag";
        tag.textContent = c[1] + " ×";
        tag.addEventListener("click", function () {
          chosen = chosen.filter(function (other) { return other !== c; });
          show();
          input.focus();
        });
        tags.append(tag);
      });
      input.hidden = !many && chosen.length > 0;
    }
    function close() {
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
    }
    function choose(row) {
      chosen = many ? chosen.filter(function (c) { return c[0] !== row[0]; }).concat([row]) : [row];
      input.value = "";
      // An answer still on its way must not open the list again.
      asked++;
      window.clearTimeout(timer);
      close();
      show();
    }
    function ask() {
      var mine = ++asked;
      fetch(hidden.dataset.url + "&limit=12&query=" + encodeURIComponent(input.value), { credentials: "same-origin" })
        .then(function (answer) { return answer.ok ? answer.json() : []; })
        .then(function (rows) {
          if (mine !== asked) return;
          list.replaceChildren();
          rows.forEach(function (row) {
            var item = document.createElement("li");
            item.textContent = row[1];
            item.setAttribute("role", "option");
            item.addEventListener("mousedown", function (event) { event.preventDefault(); choose(row); });
            list.append(item);
          });
          at = -1;
          list.hidden = rows.length === 0;
          input.setAttribute("aria-expanded", String(rows.length > 0));
        });
    }
    input.addEventListener("input", function () { window.clearTimeout(timer); timer = window.setTimeout(ask, 180); });
    input.addEventListener("focus", ask);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", function (event) {
      var items = list.children;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        at = Math.max(0, Math.min(items.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)));
        Array.prototype.forEach.call(items, function (item, i) { item.classList.toggle("at", i === at); });
      } else if (event.key === "Enter" && !list.hidden) {
        event.preventDefault();
        items[Math.max(0, at)].dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true }));
      } else if (event.key === "Escape") close();
    });
    show();
  }
  document.querySelectorAll("input[data-role=select2-ajax]").forEach(lookUp);

  // What a form would mean, asked while it is being filled in; nothing is saved by asking.
  document.querySelectorAll("form[data-check]").forEach(function (form) {
    var box = document.querySelector("[data-live]"), timer = 0, asked = 0, last = "";
    function ask() {
      var data = new FormData(form);
      form.querySelectorAll("input[type=file]").forEach(function (file) {
        data.delete(file.name);
        if (file.files.length) data.append(file.name + "_chosen", "1");
      });
      var typed = new URLSearchParams(data).toString();
      if (typed === last) return;
      last = typed;
      var mine = ++asked;
      fetch(form.dataset.check, { method: "POST", body: data, credentials: "same-origin" })
        .then(function (answer) { return answer.ok || answer.status === 500 ? answer.json() : null; })
        .then(function (answer) { if (answer && mine === asked) box.innerHTML = answer.html; });
    }
    function later() { window.clearTimeout(timer); timer = window.setTimeout(ask, 350); }
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    form.addEventListener("click", later);
    ask();
  });

  // Another rule has other parameters: the form is drawn anew with what was typed.
  document.querySelectorAll("select[data-redraw]").forEach(function (select) {
    select.addEventListener("change", function () {
      select.form.querySelector("button[name=_redraw]").click();
    });
  });
})();
