// A trial that runs: ask how far it is, and show the result once it is there.
(function () {
  "use strict";
  var bar = document.querySelector("[data-progress]");
  var text = document.querySelector("[data-progress-text]");
  if (!bar) return;
  function ask() {
    fetch(bar.dataset.progress, { credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.json() : Promise.reject(answer.status); })
      .then(function (far) {
        if (far.state !== "running") { window.location.reload(); return; }
        bar.max = far.total || 1;
        bar.value = far.done;
        text.textContent = far.text;
        window.setTimeout(ask, 600);
      })
      .catch(function () { window.setTimeout(ask, 3000); });
  }
  window.setTimeout(ask, 400);
})();
