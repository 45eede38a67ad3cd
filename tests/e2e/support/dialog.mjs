// The browser's own dialog (FedCM), and a page of another origin that asks for it.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { until } from './process.mjs';

/** An app that is a page, and nothing else. It lies at `http://localhost:<port>/`, which is another site than the broker. */
export async function startPage(port) {
  const server = createServer((req, res) => {
    if (req.url === '/favicon.ico') return res.writeHead(204).end();
    return res.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><html lang="en"><title>App</title><h1>App</h1><button>Sign in</button>');
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return {
    home: `http://localhost:${port}/`,
    stop() {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}

/** What the browser would show to a person, driven by its debugging protocol. */
export class Dialog {
  shown = [];
  answers = [];
  said = [];

  static async of(page) {
    const dialog = new Dialog();
    dialog.page = page;
    page.on('console', (said) => dialog.said.push(said.text()));
    dialog.cdp = await page.context().newCDPSession(page);
    dialog.cdp.on('FedCm.dialogShown', (what) => dialog.shown.push(what));
    await dialog.cdp.send('FedCm.enable', { disableRejectionDelay: true });
    return dialog;
  }

  /** The page asks; gives back what comes of it, later. `active`: by a click of the person, on the page before them. */
  async ask({ issuer, client, mode = 'active', params = {}, fields = ['name', 'email'] }) {
    const options = {
      mediation: 'required',
      identity: { mode, providers: [{ configURL: `${issuer}/fedcm/config.json`, clientId: client, fields, params }] },
    };
    await this.page.evaluate((options) => {
      globalThis.ask = () => {
        globalThis.answer = navigator.credentials
          .get(options)
          .then(({ token, isAutoSelected }) => ({ token, isAutoSelected }), ({ name, error }) => ({ name, error }));
      };
      document.querySelector('button').onclick = globalThis.ask;
    }, options);
    await this.page.bringToFront();
    if (mode === 'active') await this.page.getByRole('button').click();
    else await this.page.evaluate(() => globalThis.ask());
    const answer = await this.page.evaluate(() => globalThis.answer);
    this.answers.push(answer);
    return answer;
  }

  /** The next dialog of this kind; fails at once where the page has its answer without one. */
  async next(type) {
    const answered = this.answers.length;
    const found = () => this.shown.findIndex(({ dialogType }) => dialogType === type);
    await until(() => found() >= 0 || this.answers.length > answered, { what: `a dialog ${type} (${JSON.stringify(this.shown)})` });
    if (found() < 0) throw new Error(`no dialog ${type}, but ${JSON.stringify(this.answers.at(-1))}: ${this.said.join('; ')}`);
    const [dialog] = this.shown.splice(found(), 1);
    return dialog;
  }

  choose({ dialogId }, accountIndex = 0) {
    return this.cdp.send('FedCm.selectAccount', { dialogId, accountIndex });
  }

  press({ dialogId }, dialogButton) {
    return this.cdp.send('FedCm.clickDialogButton', { dialogId, dialogButton });
  }

  dismiss({ dialogId }) {
    return this.cdp.send('FedCm.dismissDialog', { dialogId });
  }

  /** The app parts from the person. */
  disconnect({ issuer, client, hint }) {
    return this.page.evaluate(
      ([configURL, clientId, accountHint]) =>
        IdentityCredential.disconnect({ configURL, clientId, accountHint }).then(() => 'done', ({ name }) => name),
      [`${issuer}/fedcm/config.json`, client, hint],
    );
  }
}
