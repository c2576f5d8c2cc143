// Passkeys are asked for by script in every browser; nothing else here needs one.
if (window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", async event => {
      event.preventDefault();
      const problem = form.querySelector("[data-passkey-error]");
      problem.hidden = true;
      try {
        const isNew = form.dataset.passkey === "add";
        const asked = await fetch(`${form.getAttribute("action")}/challenge`, { method: "POST", body: new URLSearchParams({ "form-token": form.elements["form-token"].value }) });
        if (!asked.ok) throw new Error(asked.statusText);
        const { challenge, options } = await asked.json();
        const credential = isNew
          ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
          : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
        form.elements.challenge.value = challenge;
        form.elements.credential.value = JSON.stringify(credential);
        form.submit();
      } catch {
        problem.hidden = false;
      }
    });
  }
}
