// Every page that there is, in two languages, as a browser draws it: it fits, and keeps nobody out. What is drawn was
// written down by the unit tests of the pages.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { launch, Window } from './support/window.mjs';

const PAGES = new URL('../../target/pages/', import.meta.url);
const LANGUAGES = ['en', 'de'];
/** Goes on by itself once the apps have heard that somebody signed out; without scripts there is no other way. */
const GOES_ON = 'signed-out-telling';

describe('every page there is', () => {
  let browser, names;
  before(async () => {
    names = await readdir(PAGES).catch(() => assert.fail('target/pages is missing: cargo test'));
    browser = await launch();
  });
  after(() => browser?.close());

  for (const language of LANGUAGES) {
    it(`fits and keeps nobody out (${language})`, async () => {
      const window = await Window.open(browser, { locale: language, baseURL: 'http://localhost' });
      const own = names.filter((name) => name.endsWith(`.${language}.html`) && !/-(long|rtl)\./.test(name));
      assert.ok(own.length > 50, `${own.length} pages`);
      await window.context.route('**/*', async (route) => {
        const path = new URL(route.request().url()).pathname.slice(1);
        if (path.endsWith('.css')) return route.fulfill({ contentType: 'text/css', body: await readFile(new URL(path, PAGES)) });
        if (!own.includes(path)) return route.fulfill({ status: 204 });
        const html = await readFile(new URL(path, PAGES), 'utf8');
        return route.fulfill({ contentType: 'text/html; charset=utf-8', body: path.startsWith(GOES_ON) ? html.replace(/<meta http-equiv="refresh"[^>]*>/, '') : html });
      });
      for (const name of own) {
        await window.page.goto(`/${name}`);
        await window.picture(`sample-${name.replace('.html', '')}`);
      }
      window.expect('asked notes.example.com'); // by the frame in which an app hears that somebody signed out
      await window.close();
    });
  }
});
