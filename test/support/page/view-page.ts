import { build } from 'esbuild';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { THEMES, type ThemeKind } from './themes.ts';

/** What the page's requests are answered with. */
export type Answer = (method: string, params: never, signal: AbortSignal) => Promise<unknown>;

export interface ServedView {
  url(theme: ThemeKind, renderer?: 'webgl2' | 'canvas2d'): string;
  readonly bundleBytes: { readonly js: number; readonly css: number };
  close(): Promise<void>;
}

const POLICY = "default-src 'none'; style-src 'self'; script-src 'nonce-page'; connect-src 'self'";

/**
 * Serves the view as a webview has it: strict policy, theme variables on the root, and a stand-in for VS Code's interface that
 * carries requests to this process, where the real engine answers.
 */
export async function serveView(
  view: 'change-map' | 'disk-anatomy' | 'disk-compare' | 'report-page' | 'trace',
  init: unknown,
  answer: Answer,
): Promise<ServedView> {
  const files = await bundle(view);
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    const reply = (type: string, body: string | Uint8Array): void => {
      response.setHeader('content-type', type);
      response.end(body);
    };
    if (url.pathname === '/view.js') reply('text/javascript', files.js);
    else if (url.pathname === '/view.css') reply('text/css', files.css);
    else if (url.pathname === '/stub.js') reply('text/javascript', stub(init));
    else if (url.pathname === '/theme.css') {
      reply('text/css', themeCss(url.searchParams.get('theme') as ThemeKind));
    } else if (url.pathname === '/ask') {
      void ask(request, answer).then((body) => reply('application/json', body));
    } else {
      response.setHeader('content-security-policy', POLICY);
      reply('text/html; charset=utf-8', html(url.searchParams));
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    bundleBytes: { js: files.js.length, css: files.css.length },
    url: (theme, renderer) =>
      `http://127.0.0.1:${port}/?theme=${theme}${renderer === undefined ? '' : `&renderer=${renderer}`}`,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

interface Bundled {
  readonly js: Uint8Array;
  readonly css: Uint8Array;
}

/** Made once: the sources are those of the whole run. */
const made = new Map<string, Promise<Bundled>>();

function bundle(view: string): Promise<Bundled> {
  const known = made.get(view) ?? makeBundle(view);
  made.set(view, known);
  return known;
}

async function makeBundle(view: string): Promise<Bundled> {
  const folder = `src/views/${view}`;
  const { outputFiles } = await build({
    entryPoints: [
      { in: `${folder}/main.ts`, out: 'view' },
      { in: `${folder}/${view}.css`, out: 'view' },
    ],
    outdir: 'out',
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
  });
  const file = (ending: string): Uint8Array =>
    outputFiles.find(({ path }) => path.endsWith(ending))?.contents ?? new Uint8Array(0);
  return { js: file('.js'), css: file('.css') };
}

async function ask(request: IncomingMessage, answer: Answer): Promise<string> {
  const abort = new AbortController();
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const { method, params } = JSON.parse(text) as { method: string; params: never };
  try {
    return JSON.stringify({ ok: true, result: await answer(method, params, abort.signal) });
  } catch (error) {
    const { code = 'internal', message } = error as { code?: string; message: string };
    const flags = { permanent: false, userFixable: false, damage: false };
    return JSON.stringify({ ok: false, error: { code, message, data: {}, ...flags } });
  }
}

/** The host's side, in the page: replies arrive as messages do in a webview. */
function stub(init: unknown): string {
  return `
    window.posted = [];
    window.pending = 0;
    window.lastReply = 0;
    window.toView = (message) => window.dispatchEvent(new MessageEvent('message', { data: message }));
    window.acquireVsCodeApi = () => ({
      getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null'),
      setState: (state) => sessionStorage.setItem('state', JSON.stringify(state)),
      postMessage: async (message) => {
        window.posted.push(message);
        const init = ${JSON.stringify(init)};
        if (message.type === 'ready') return window.toView({ type: 'init', init });
        if (message.type !== 'request') return;
        const { id, method, params } = message;
        if (window.deaf) return;
        window.pending++;
        const answer = await fetch('/ask', { method: 'POST', body: JSON.stringify({ method, params }) });
        window.toView({ type: 'reply', id, ...(await answer.json()) });
        window.pending--;
        window.lastReply = performance.now();
      },
    });`;
}

const themeCss = (theme: ThemeKind): string =>
  `:root {${Object.entries(THEMES[theme])
    .map(([name, value]) => `--vscode-${name}: ${value};`)
    .join('')} --vscode-font-family: 'DejaVu Sans', sans-serif; --vscode-font-size: 13px; }
   body { background: var(--vscode-editor-background); }`;

const html = (params: URLSearchParams): string => `<!doctype html><html lang="en"><head>
  <meta charset="utf-8"><title>View</title>
  <link rel="stylesheet" href="/theme.css?theme=${params.get('theme') ?? ''}">
  <link rel="stylesheet" href="/view.css">
</head><body data-vscode-theme-kind="${params.get('theme') ?? ''}">
  <main id="root" data-renderer="${params.get('renderer') ?? ''}"></main>
  <script nonce="page" src="/stub.js"></script><script nonce="page" src="/view.js"></script>
</body></html>`;
