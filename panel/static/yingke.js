// What the pages do beyond plain HTML: loaded as a module once the page stands. Without it everything can be read,
// filled in and sent; only choosing another row in a look-up needs it.

const all = (selector, within = document) => within.querySelectorAll(selector);

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

async function answerOf(address, options) {
  const answer = await fetch(address, { credentials: "same-origin", ...options });
  if (!answer.ok || answer.redirected) throw new Error(`${answer.status}`);
  return answer.json();
}

// Calls `task` once `wait` milliseconds have passed without another call; `cancel` forgets a call.
function settled(task, wait) {
  let timer = 0;
  const cancel = () => clearTimeout(timer);
  const call = () => {
    cancel();
    timer = setTimeout(task, wait);
  };
  return Object.assign(call, { cancel });
}

// ── Every page ──
// A question before what cannot be taken back.
document.addEventListener("click", (event) => {
  const asking = event.target.closest("[data-confirm]");
  if (asking && !confirm(asking.dataset.confirm)) event.preventDefault();
});

// A second click on the same button is not a second request.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 4000);
});
addEventListener("pageshow", () => all("[data-sent]").forEach((form) => delete form.dataset.sent));

// Tick every row of the page.
all("[data-tick-all]").forEach((box) => {
  box.addEventListener("change", () => all("input[name=rowid]").forEach((row) => (row.checked = box.checked)));
});

// The menu of a phone: Enter opens it too, Escape closes it.
const drawer = document.getElementById("drawer");
if (drawer) {
  const spoken = () => drawer.setAttribute("aria-expanded", String(drawer.checked));
  drawer.addEventListener("change", spoken);
  drawer.addEventListener("keydown", (event) => event.key === "Enter" && drawer.click());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !drawer.checked) return;
    drawer.click();
    drawer.focus();
  });
  spoken();
}

// ── Look-ups: a text box that asks the server ──
class LookUp {
  constructor(box) {
    this.box = box;
    this.many = "many" in box.dataset;
    this.hidden = box.querySelector("input[type=hidden]");
    this.tags = box.querySelector(".lookup-tags");
    this.input = box.querySelector("[role=combobox]");
    this.list = box.querySelector("[role=listbox]");
    this.status = box.querySelector("[role=status]");
    this.rows = [];
    this.at = -1;
    this.asked = 0;
    this.current = false; // whether the rows answer what stands in the box
    this.taking = false; // whether the first of the answer still to come is wanted
    this.chosen = [...this.tags.children].map((tag) => [tag.value, tag.textContent]);
    this.later = settled(() => this.ask(), 180);
    this.listen();
  }

  listen() {
    // While Chinese is being composed, what stands in the box is not yet what is meant.
    this.input.addEventListener("input", (event) => {
      this.asked++; // an answer still on its way is to something else
      this.current = this.taking = false;
      if (!event.isComposing) this.later();
    });
    this.input.addEventListener("compositionend", this.later);
    this.input.addEventListener("focus", () => this.ask());
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("keydown", (event) => event.isComposing || event.keyCode === 229 || this.key(event));
    // The focus stays in the box while a row is pressed, by mouse or by finger.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(this.rows[option.dataset.row]);
    });
    this.tags.addEventListener("click", (event) => {
      const tag = event.target.closest("button");
      if (tag) this.remove(tag.value);
    });
  }

  async ask() {
    const turn = ++this.asked;
    try {
      const query = new URLSearchParams({ limit: 12, query: this.input.value });
      const rows = await answerOf(`${this.box.dataset.lookup}&${query}`);
      if (turn !== this.asked) return;
      this.current = true;
      if (this.taking && rows.length) this.choose(rows[0]);
      else this.open(rows, this.input.value.trim() ? this.box.dataset.none : "");
    } catch {
      if (turn === this.asked) this.open([], this.box.dataset.failed);
    }
  }

  // Show `rows`, or where there are none, why.
  open(rows, otherwise) {
    this.rows = rows;
    this.at = -1;
    const options = rows.map(([, caption], index) => {
      const option = element("li", "", caption);
      option.id = `${this.list.id}-${index}`;
      option.dataset.row = index;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      return option;
    });
    const sentence = rows.length ? "" : otherwise;
    if (sentence) {
      const item = element("li", "fine", sentence);
      item.setAttribute("aria-hidden", "true");
      options.push(item);
    }
    this.list.replaceChildren(...options);
    this.status.textContent = sentence || `${rows.length} ${this.box.dataset.some}`;
    this.list.hidden = options.length === 0;
    this.input.setAttribute("aria-expanded", String(rows.length > 0));
    this.input.removeAttribute("aria-activedescendant");
  }

  // Neither a question still to be asked nor an answer still on its way may open the list again.
  close() {
    this.later.cancel();
    this.asked++;
    this.taking = false;
    this.open([], "");
    this.status.textContent = "";
  }

  move(step) {
    if (!this.rows.length) return this.ask();
    const options = all("[role=option]", this.list);
    this.at = (this.at + step + options.length + (this.at < 0 && step < 0)) % options.length;
    options.forEach((option, index) => {
      option.classList.toggle("at", index === this.at);
      option.setAttribute("aria-selected", String(index === this.at));
    });
    this.input.setAttribute("aria-activedescendant", options[this.at].id);
    options[this.at].scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && (this.at >= 0 || this.input.value.trim())) {
      event.preventDefault();
      // The first answer to what was typed, never of what stood there before.
      if (this.at >= 0) this.choose(this.rows[this.at]);
      else if (!this.current) this.taking = true;
      else if (this.rows.length) this.choose(this.rows[0]);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.close();
    } else if (event.key === "Backspace" && !this.input.value && this.chosen.length) {
      this.remove(this.chosen.at(-1)[0]);
    }
  }

  choose([id, caption]) {
    const others = this.many ? this.chosen.filter(([known]) => known !== String(id)) : [];
    this.input.value = "";
    this.close();
    this.show([...others, [String(id), caption]]);
    if (!this.many) this.tags.lastChild.focus();
  }

  remove(id) {
    this.show(this.chosen.filter(([known]) => known !== id));
    this.input.focus();
  }

  show(chosen) {
    this.chosen = chosen;
    this.hidden.value = chosen.map(([id]) => id).join(",");
    this.tags.replaceChildren(
      ...chosen.map(([id, caption]) => {
        const tag = element("button", "lookup-tag", caption);
        tag.type = "button";
        tag.value = id;
        tag.setAttribute("aria-label", `${this.box.dataset.remove} ${caption}`);
        return tag;
      }),
    );
    this.input.hidden = !this.many && chosen.length > 0;
    this.hidden.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
all("[data-lookup]").forEach((box) => new LookUp(box));

// ── What a form would mean, asked while it is being filled in; nothing is saved by asking ──
function watch(form) {
  const box = document.querySelector("[data-live]");
  let asked = 0, last = "";
  async function ask() {
    const data = new FormData(form);
    all("[role=combobox]", form).forEach((words) => data.delete(words.name)); // what is looked for is not chosen
    all("input[type=file]", form).forEach((file) => {
      data.delete(file.name);
      if (file.files.length) data.append(`${file.name}_chosen`, "1");
    });
    const typed = new URLSearchParams(data).toString();
    if (typed === last) return;
    last = typed;
    const turn = ++asked;
    try {
      const answer = await answerOf(form.dataset.check, { method: "POST", body: data });
      if (turn === asked) box.innerHTML = answer.html; // the server's own template, escaped there
    } catch {
      last = "";
      if (turn === asked) box.replaceChildren(element("p", "error", box.dataset.failed));
    }
  }
  const later = settled(ask, 350);
  ["input", "change", "click"].forEach((kind) => form.addEventListener(kind, later));
  ask();
}
all("form[data-check]").forEach(watch);

// Another rule has other parameters: the form is drawn anew with what was typed.
all("select[data-redraw]").forEach((select) => {
  select.addEventListener("change", () => select.form.querySelector("button[name=_redraw]").click());
});

// ── A trial that runs: how far it is, and its result once it is there ──
function follow(bar) {
  const text = document.querySelector("[data-progress-text]");
  async function ask() {
    try {
      const far = await answerOf(bar.dataset.progress);
      if (far.state !== "running") return location.reload();
      bar.max = far.total || 1;
      bar.value = far.done;
      text.textContent = far.text;
      setTimeout(ask, 600);
    } catch {
      setTimeout(ask, 3000);
    }
  }
  setTimeout(ask, 400);
}
all("[data-progress]").forEach(follow);
