// Passkeys: what only the browser can do, asking the authenticator. What it answers is verified by the cloud.
(() => {
  const bytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0));
  const text = buffer => buffer ? btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") : null;

  async function post(url, body) {
    const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(said.error ?? "The cloud does not answer at the moment. Try again shortly.");
    return said;
  }

  const written = (credential, response) => ({ id: credential.id, response: { clientDataJSON: text(credential.response.clientDataJSON), ...response } });

  async function signIn(next) {
    const { publicKey } = await post("/api/v1/sign-in/passkey/start");
    const credential = await navigator.credentials.get({ publicKey: { ...publicKey, challenge: bytes(publicKey.challenge) } });
    const { authenticatorData, signature, userHandle } = credential.response;
    const proof = written(credential, { authenticatorData: text(authenticatorData), signature: text(signature), userHandle: text(userHandle) });
    return (await post(`/sign-in/passkey?next=${encodeURIComponent(next)}`, { credential: proof })).next;
  }

  async function create(options) {
    const { publicKey } = options;
    const credential = await navigator.credentials.create({
      publicKey: {
        ...publicKey,
        challenge: bytes(publicKey.challenge),
        user: { ...publicKey.user, id: bytes(publicKey.user.id) },
        excludeCredentials: publicKey.excludeCredentials.map(c => ({ ...c, id: bytes(c.id) })),
      },
    });
    return written(credential, { attestationObject: text(credential.response.attestationObject) });
  }

  const add = async name => post("/passkeys/new", { name, credential: await create(await post("/passkeys/new/start")) });

  // Why an authenticator refused is told to nobody, not even the page.
  const explain = e => e.name === "InvalidStateError" ? "This device holds a passkey of yours already."
    : e instanceof DOMException ? "No passkey was used. Try again, or go another way." : e.message;

  async function run(button, work) {
    const problem = document.querySelector("[data-passkey-problem]");
    button.disabled = true;
    if (problem) problem.textContent = "";
    try {
      await work();
    } catch (e) {
      if (problem) problem.textContent = explain(e);
      button.disabled = false;
    }
  }

  addEventListener("click", event => {
    const enter = event.target.closest?.("[data-passkey-sign-in]");
    if (enter) run(enter, async () => location.assign(await signIn(enter.dataset.passkeySignIn)));
    const make = event.target.closest?.("[data-passkey-add]");
    if (make) run(make, async () => {
      await add(document.getElementById(make.dataset.passkeyAdd).value);
      location.reload();
    });
  });

  // Shown only where the browser knows passkeys.
  if (window.PublicKeyCredential) {
    for (const part of document.querySelectorAll("[data-passkey]")) part.hidden = false;
  }

  window.sealosPasskeys = { create };
})();
