/* Enhancement only: every page works without this file. */
(function () {
  "use strict";
  var root = document.documentElement;

  /* The theme at once, without a new page; the cookie tells the server what to write next time. */
  document.addEventListener("click", function (event) {
    var chosen = event.target.closest(".theme button");
    if (!chosen) { return; }
    event.preventDefault();
    if (chosen.value === "auto") { delete root.dataset.theme; } else { root.dataset.theme = chosen.value; }
    document.querySelectorAll(".theme button").forEach(function (one) {
      one.setAttribute("aria-pressed", String(one === chosen));
    });
    var secure = location.protocol === "https:" ? ";secure" : "";
    document.cookie = "theme=" + chosen.value + ";path=/;max-age=31536000;samesite=lax" + secure;
  });

  /* "/" goes to the page's own search box, else to the masthead's. */
  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (/^(input|select|textarea)$/i.test(event.target.tagName) || event.target.isContentEditable) { return; }
    var box = document.querySelector("main input[type=search]") || document.getElementById("site-q");
    if (box && box.offsetParent) { event.preventDefault(); box.focus(); box.select(); }
  });

  /* The error summary has autofocus; older browsers know that only of fields. */
  var problem = document.querySelector(".problem");
  if (problem && !("autofocus" in HTMLElement.prototype)) { problem.focus(); }

  /* The toolbar of a text puts its Markdown at the cursor, around what is marked. */
  document.addEventListener("click", function (event) {
    var tool = event.target.closest("[data-into]");
    if (!tool) { return; }
    event.preventDefault();
    var box = document.getElementById(tool.dataset.into), text = box.value, from = box.selectionStart;
    var words = text.slice(from, box.selectionEnd) || tool.dataset.sample;
    var gap = "block" in tool.dataset && from && text[from - 1] !== "\n" ? "\n\n" : "";
    var before = gap + tool.dataset.before;
    box.focus();
    box.setRangeText(before + words + tool.dataset.after, from, box.selectionEnd, "end");
    box.setSelectionRange(from + before.length, from + before.length + words.length);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });

  /* A second click on the same button sends nothing; after a download the form is free again. */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if ((form.getAttribute("method") || "").toLowerCase() !== "post" || event.defaultPrevented) { return; }
    if (form.hasAttribute("data-sent")) { event.preventDefault(); return; }
    form.setAttribute("data-sent", "");
    setTimeout(function () { form.removeAttribute("data-sent"); }, 8000);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { form.removeAttribute("data-sent"); });
  });
})();
