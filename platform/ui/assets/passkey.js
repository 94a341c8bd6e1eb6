// Passkeys: the question is fetched, the browser asks the device, the answer is sent as a form.
//   data-passkey="create" or "get" on a form that is hidden without this script: its answer is a passkey's; data-begin names where
//                       the question comes from, a part with data-told says what went wrong
'use strict';
(() => {
  const doc = document;
  const one = (selector, within) => within.querySelector(selector);

  const unpack = text => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), letter => letter.charCodeAt(0));
  const pack = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes ?? []))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

  doc.addEventListener('submit', event => {
    if (!event.target.dataset.passkey) return;
    event.preventDefault();
    askPasskey(event.target);
  });

  async function askPasskey(form) {
    const kind = form.dataset.passkey, button = one('button', form);
    const told = words => { const line = one('[data-told]', form); if (line) line.textContent = words; };
    button.disabled = true;
    told('');
    try {
      const answer = await fetch(form.dataset.begin, { method: 'POST', headers: { Accept: 'application/json' } });
      const question = await answer.json();
      if (question.location) return location.assign(question.location);
      if (!answer.ok) return told(question.detail);
      question.challenge = unpack(question.challenge);
      if (question.user) question.user.id = unpack(question.user.id);
      for (const list of ['allowCredentials', 'excludeCredentials']) {
        question[list]?.forEach(credential => { credential.id = unpack(credential.id); });
      }
      const made = await navigator.credentials[kind]({ publicKey: question }), said = made.response;
      const parts = { credential: made.rawId, client_data: said.clientDataJSON, attestation: said.attestationObject,
        authenticator_data: said.authenticatorData, signature: said.signature, user: said.userHandle };
      for (const [name, bytes] of Object.entries(parts)) {
        const field = one(`input[name=${name}]`, form) ?? form.appendChild(Object.assign(doc.createElement('input'), { type: 'hidden', name }));
        field.value = pack(bytes);
      }
      form.submit();
    } catch (error) {
      told({ NotAllowedError: 'Nothing was done: the question was sent away, took too long, or no passkey fits.',
        InvalidStateError: 'This device has a passkey for your account already.',
        SecurityError: 'Passkeys do not work at this address.',
        TypeError: 'No answer from the desk. Try again.' }[error.name] ?? `Nothing was done: ${error.message}`);
    } finally {
      button.disabled = false;
    }
  }

  // With the page, and after each part of it that was replaced.
  const arrived = () => doc.querySelectorAll('form[data-passkey]').forEach(form => { form.hidden = !globalThis.PublicKeyCredential; });
  doc.addEventListener('arrived', arrived);
  arrived();
})();
