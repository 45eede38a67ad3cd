// A browser without a window: follows redirects by hand and keeps cookies as RFC 6265 says.
import { CookieJar } from 'tough-cookie';

export class Browser {
  jar = new CookieJar(undefined, { allowSpecialUseDomain: true, rejectPublicSuffixes: false });
  /** Every address that it asked for, in order. */
  visited = [];

  /** One request, no redirect followed. */
  async request(url, { method = 'GET', body, headers = {} } = {}) {
    const cookie = await this.jar.getCookieString(`${url}`);
    const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';
    const answer = await fetch(url, {
      method,
      body,
      redirect: 'manual',
      headers: { accept, 'accept-language': 'en', ...(cookie && { cookie }), ...headers },
    });
    this.visited.push(`${url}`);
    for (const line of answer.headers.getSetCookie()) await this.jar.setCookie(line, `${url}`);
    return answer;
  }

  /**
   * Follows redirects until one leads to `home` (an app's redirect URI, which nobody serves): gives back that address,
   * or the last answer where none does.
   */
  async follow(url, home) {
    let next = new URL(url);
    for (let hops = 0; hops < 20; hops += 1) {
      const answer = await this.request(next);
      const location = answer.headers.get('location');
      if (answer.status < 300 || answer.status >= 400 || !location) return { answer, page: await answer.text(), at: next };
      await answer.body?.cancel();
      next = new URL(location, next);
      if (home && `${next.origin}${next.pathname}` === home) return { home: next };
    }
    throw new Error(`more than 20 redirects, the last to ${next.origin}${next.pathname}`);
  }
}
