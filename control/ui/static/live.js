// Three things that a page cannot do without a script: it is read again when the server says that something changed,
// texts are copied, and a choice is sent at once.

const main = document.querySelector("main");
let waiting = 0;

// refresh reads the page again and puts its regions in place of the old ones. The server has escaped them.
async function refresh() {
  waiting = 0;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelectorAll("[data-region]");
  document.querySelectorAll("[data-region]").forEach((region, i) => {
    if (!fresh[i] || region.isEqualNode(fresh[i])) return;
    if (region.contains(document.activeElement) || region.querySelector("details[open]")) return;
    region.replaceWith(document.adoptNode(fresh[i]));
  });
}

function later() {
  if (!waiting) waiting = setTimeout(refresh, 200);
}

if (main.dataset.live) {
  const stream = new EventSource(main.dataset.live);
  for (const kind of ["request", "row", "delivery", "clock", "fault", "job", "world", "gap", "dropped"]) {
    stream.addEventListener(kind, later);
  }
  stream.addEventListener("open", () => {
    later(); // something may have happened since the page was read
    main.dataset.listening = "true";
  });
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = document.getElementById(button.dataset.copy).textContent;
  await navigator.clipboard.writeText(text);
  const word = button.textContent;
  button.textContent = "✓";
  setTimeout(() => { button.textContent = word; }, 1000);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
});
