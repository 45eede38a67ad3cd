// A broker with a real provider above it and apps below: what most tests start from. Run as a program it starts one,
// prints where everything is as a line of JSON, and ends it when its standard input closes: for tests in Python.
import { argv, stdin, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { reserveBroker, sha256, startBroker } from './broker.mjs';
import { sectionFor, startProvider } from './op.mjs';
import { startRedis } from './redis.mjs';

const purpose = (why) => ({ need: 'required', why });

/** The apps: one with a secret, one without, one that shares nothing with the first. Nobody listens at their addresses. */
export const APPS = {
  notes: { redirectUri: 'https://notes.example.com/callback', signedOut: 'https://notes.example.com/bye', secret: 'notes-has-this-long-secret-of-its-own-01' },
  tasks: { redirectUri: 'https://tasks.example.com/callback', signedOut: 'https://tasks.example.com/bye', secret: 'tasks-has-this-long-secret-of-its-own-02' },
  spa: { redirectUri: 'https://spa.example.com/callback', signedOut: 'https://spa.example.com/bye' },
};

/** An app that libraries of Python sign in to: where each of them has people come back. */
export const LIBRARY = {
  redirectUri: 'https://library.example.com/callback',
  signedOut: 'https://library.example.com/bye',
  secret: 'library-has-this-long-secret-of-its-own-04',
};
const CALLBACKS = ['/callback', '/redirect_uri', '/oidc/callback/', '/complete/oidc/', '/accounts/oidc/vestibule/login/callback/'];

function librarySection() {
  const redirectUris = CALLBACKS.map((path) => new URL(path, LIBRARY.redirectUri).href);
  return { library: { ...appSection('library', LIBRARY), redirect_uris: redirectUris } };
}

/** Two apps behind the gate, whose proxy a test plays, and a service with a token for one of them. */
export const GATED = { wiki: 'http://wiki.localhost:8081', board: 'http://board.localhost:8081' };
export const ROBOT = { id: 'robot', secret: 'robot-has-this-long-secret-of-its-own-03' };

function gatedSections() {
  const access = [{ path: '/api/', methods: ['GET'], apps: [ROBOT.id] }, { emails: ['*@example.org'] }];
  const claims = { email: purpose('To show who wrote a page.') };
  const section = ([id, gate]) => [id, { name: id, gate, consent: 'implicit', access, claims }];
  const robot = { name: 'Robot', secret_sha256: sha256(ROBOT.secret), grant_types: ['client_credentials'], audiences: Object.values(GATED) };
  return { ...Object.fromEntries(Object.entries(GATED).map(section)), [ROBOT.id]: robot };
}

/** An app's section of the configuration. */
export function appSection(id, { redirectUri, signedOut, secret }) {
  return {
    name: id[0].toUpperCase() + id.slice(1),
    redirect_uris: [redirectUri],
    post_logout_redirect_uris: [signedOut],
    ...(secret && { secret_sha256: sha256(secret) }),
    consent: 'implicit',
    claims: { email: purpose('To send you what you share.'), name: purpose('To greet you.') },
  };
}

/** The section of one that asks before it is given anything; `claims` are more than it asks for anyway. */
export function askingSection({ redirectUri, secret }, claims = {}) {
  return {
    name: 'Notes',
    redirect_uris: [redirectUri],
    secret_sha256: sha256(secret),
    policy_uri: 'https://notes.example.com/privacy',
    claims: {
      email: { need: 'required', why: 'To send you the notes that you share.', keep: 'until you disconnect Notes' },
      name: { need: 'optional', why: 'To greet you.' },
      ...claims,
    },
  };
}

/** Who runs the place. */
export const OPERATOR = { name: 'Example Ltd', contact: 'help@example.org' };

/** The sections of some apps. */
export const sections = (apps) => Object.fromEntries(Object.entries(apps).map(([id, app]) => [id, appSection(id, app)]));

/** `apps` are sections of the configuration; what else is said goes into it as it is. */
export async function startStack({ store = 'sqlite', person = 'ada', apps = sections(APPS), ...config } = {}) {
  const place = await reserveBroker();
  const op = await startProvider({ redirectUri: place.callback('home'), person });
  const redis = store === 'redis' ? await startRedis() : undefined;
  const stopAll = async (broker) => {
    const end = await broker?.stop();
    await Promise.all([op.stop(), redis?.stop()]);
    return end;
  };
  try {
    const broker = await startBroker({
      place,
      store: redis?.url,
      providers: { home: sectionFor(op.issuer) },
      apps,
      ...config,
    });
    return { broker, op, issuer: place.issuer, stop: () => stopAll(broker) };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const apps = { ...sections(APPS), ...librarySection(), ...gatedSections() };
  const stack = await startStack({ store: argv[2], apps, listen: { trusted_proxies: ['127.0.0.1'] } });
  stdout.write(`${JSON.stringify({ issuer: stack.issuer, apps: { ...APPS, library: LIBRARY }, gated: GATED, robot: ROBOT })}\n`);
  stdin.resume().on('end', async () => {
    await stack.stop();
    process.exit(0);
  });
}
