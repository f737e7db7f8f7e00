// Passkeys: what only the browser can do, asking the authenticator. What it answers is verified by the cloud.
(() => {
  const bytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0));
  const text = buffer => buffer ? btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") : null;

  async function post(url, body) {
    const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) {
      const silent = answer.status === 429 ? "Too many attempts. Wait a minute, then try again." : "The cloud does not answer at the moment. Try again shortly.";
      throw Object.assign(new Error(said.error ?? silent), { code: said.code });
    }
    return said;
  }

  const written = (credential, response) => ({ id: credential.id, response: { clientDataJSON: text(credential.response.clientDataJSON), ...response } });

  async function prove({ publicKey }) {
    const credential = await navigator.credentials.get({ publicKey: { ...publicKey, challenge: bytes(publicKey.challenge) } });
    const { authenticatorData, signature, userHandle } = credential.response;
    return written(credential, { authenticatorData: text(authenticatorData), signature: text(signature), userHandle: text(userHandle) });
  }

  async function signIn(next) {
    const credential = await prove(await post("/api/v1/sign-in/passkey/start"));
    return (await post(`/sign-in/passkey?next=${encodeURIComponent(next)}`, { credential })).next;
  }

  const confirmSession = async () => post("/passkeys/confirm", { credential: await prove(await post("/passkeys/confirm/start")) });

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

  async function setUp(step, next) {
    const credential = await create(await post("/api/v1/sign-in/set-up/passkey/start", { step }));
    return (await post(`/sign-in/set-up/passkey?next=${encodeURIComponent(next)}`, { step, name: "Passkey", credential })).next;
  }

  const add = async name => post("/passkeys/new", { name, credential: await create(await post("/passkeys/new/start")) });

  // Why an authenticator refused is told to nobody, not even the page.
  const explain = e => e.name === "InvalidStateError" ? "This device holds a passkey of yours already."
    : e instanceof DOMException ? "No passkey was used. Try again, or go another way." : e.message;

  // The page's own form for it, instead of words.
  function confirmHere() {
    const form = document.querySelector("[data-confirm-here]");
    if (form) form.hidden = false;
    form?.querySelector("input[type=password], [data-passkey-confirm]")?.focus();
    return form !== null;
  }

  async function run(button, work) {
    const problem = button.closest("[data-passkey]")?.querySelector("[data-passkey-problem]");
    button.disabled = true;
    if (problem) problem.textContent = "";
    try {
      await work();
    } catch (e) {
      if (problem && !(e.code === "confirm" && confirmHere())) problem.textContent = explain(e);
      button.disabled = false;
    }
  }

  addEventListener("click", event => {
    const enter = event.target.closest?.("[data-passkey-sign-in]");
    if (enter) run(enter, async () => location.assign(await signIn(enter.dataset.passkeySignIn)));
    const sure = event.target.closest?.("[data-passkey-confirm]");
    if (sure) run(sure, async () => {
      await confirmSession();
      const done = sure.closest("[data-passkey]").querySelector("[data-passkey-confirmed]");
      if (done) done.click();
      else location.assign(location.pathname);
    });
    const begin = event.target.closest?.("[data-passkey-set-up]");
    if (begin) run(begin, async () => location.assign(await setUp(begin.dataset.passkeySetUp, begin.dataset.next)));
    const make = event.target.closest?.("[data-passkey-add]");
    if (make) run(make, async () => {
      await add(document.getElementById(make.dataset.passkeyAdd).value);
      location.assign(location.pathname);
    });
  });
})();
