// Saves a form some seconds after the last word; the button saves it without this as well.
const PAUSE = 3000;

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const told = form.querySelector("[data-autosave-told]");
  let timer = 0;
  let isUnsaved = false;
  let isSaving = false;
  let saving = Promise.resolve();

  const save = async () => {
    const body = new FormData(form);
    body.set("act", "autosave");
    isUnsaved = false;
    isSaving = true;
    try {
      const answer = await fetch(location.pathname, { method: "POST", body, redirect: "error" });
      const said = await answer.json();
      if (answer.ok) form.elements.version.value = said.version;
      else isUnsaved = true;
      told.textContent = answer.ok ? `Saved as version ${said.version}` : said.told;
    } catch {
      isUnsaved = true;
      told.textContent = "Not saved: the portal did not answer. Your words are still here.";
    }
    isSaving = false;
  };

  form.addEventListener("input", () => {
    isUnsaved = true;
    clearTimeout(timer);
    timer = setTimeout(() => { saving = saving.then(save); }, PAUSE);
  });

  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (isSaving) { // its answer tells the version that the button saves from
      event.preventDefault();
      saving.then(() => form.requestSubmit(event.submitter));
      return;
    }
    isUnsaved = false;
  });

  addEventListener("beforeunload", (event) => {
    if (isUnsaved) event.preventDefault();
  });
}
