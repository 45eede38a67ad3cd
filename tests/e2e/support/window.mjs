// A real browser (Debian's Chromium, headless), and pictures of what it shows.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { until } from './process.mjs';

const PICTURES = fileURLToPath(new URL('../.out/', import.meta.url));
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = [360, 1280];
const SCHEMES = ['light', 'dark'];

/** Starts Chromium. It talks to loopback only, and leaves nothing behind. */
export function launch() {
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args });
}

/** A window of its own, with cookies of its own: its page, and all that a careful person would have noticed. */
export class Window {
  clicks = 0;
  complaints = [];

  static async open(browser, options = {}) {
    const window = new Window();
    window.context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...options });
    window.runsScripts = options.javaScriptEnabled ?? true;
    window.page = await window.context.newPage();
    window.page.setDefaultTimeout(15_000);
    window.page.on('console', (message) => message.type() === 'error' && window.complaints.push(message.text()));
    window.page.on('pageerror', (error) => window.complaints.push(String(error)));
    window.page.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      const here = protocol === 'data:' || ['127.0.0.1', 'localhost'].includes(hostname) || hostname.endsWith('.localhost');
      if (!here) window.complaints.push(`asked ${hostname} for something`);
    });
    return window;
  }

  /** Clicks as a person does: once, on something that is there. */
  async click(target) {
    this.clicks += 1;
    await target.click();
  }

  /** This was meant to happen, a page of this status or what these words say: the browser's complaint about it is none. */
  expect(what) {
    const words = typeof what === 'number' ? `status of ${what}` : what;
    this.complaints = this.complaints.filter((text) => !text.includes(words));
  }

  /** The same of a complaint that may still be on its way. */
  async hear(words) {
    await until(() => this.complaints.some((text) => text.includes(words)), { what: `a complaint: ${words}` });
    this.expect(words);
  }

  /** Takes the page that is shown, in every width and colour scheme, and checks that it fits and keeps nobody out. */
  async picture(name) {
    await mkdir(PICTURES, { recursive: true });
    const { page } = this;
    const counts = await page.evaluate(() => ['main', 'h1', 'html[lang]', 'title'].map((part) => document.querySelectorAll(part).length));
    assert.deepEqual(counts, [1, 1, 1, 1], `${name} has one main, one headline, a language and a title`);
    const size = page.viewportSize();
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(overflow <= 0, `${name} is ${overflow} px too wide for ${width}`);
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        // Axe is a script; a window without any shows the same page.
        if (this.runsScripts) await this.expectNoBarrier(`${name} at ${width} px, ${colorScheme}`);
        await page.screenshot({ path: `${PICTURES}${name}-${width}-${colorScheme}.png`, fullPage: true });
      }
    }
    await page.emulateMedia({ colorScheme: null });
    await page.setViewportSize(size);
  }

  /** Nothing that axe knows keeps anybody out: contrast, names, order, landmarks (WCAG 2.2 AA and good practice). */
  async expectNoBarrier(where) {
    // By the browser's own channel, not as a script of the page, which may have none.
    await this.page.evaluate(AXE);
    const { violations } = await this.page.evaluate(() => window.axe.run({ preload: false }));
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`);
    assert.deepEqual(found, [], where);
  }

  async close() {
    await this.context.close();
    assert.deepEqual(this.complaints, [], 'the browser complained');
  }
}
