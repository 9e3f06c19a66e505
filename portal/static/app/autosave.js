// Saves a form some seconds after the last word; the button saves it without this as well.
const PAUSE = 3000;

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const told = form.querySelector("[data-autosave-told]");
  let timer = 0;
  let saving = Promise.resolve();

  const save = async () => {
    const body = new FormData(form);
    body.set("act", "autosave");
    try {
      const answer = await fetch(location.pathname, { method: "POST", body, redirect: "error" });
      const said = await answer.json();
      if (answer.ok) form.elements.version.value = said.version;
      told.textContent = answer.ok ? `Saved as version ${said.version}` : said.told;
    } catch {
      told.textContent = "Not saved: the portal did not answer. Your words are still here.";
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { saving = saving.then(save); }, PAUSE);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
}
