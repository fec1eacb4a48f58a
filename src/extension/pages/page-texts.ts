import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { requests } from '../../engine/api/methods.ts';
import type { Engine } from '../engine/engine.ts';
import { ownFailure } from '../errors/own-failure.ts';
import type { JobWatcher } from '../jobs/job-watcher.ts';
import { readStores } from '../settings/stores.ts';
import { logText } from './log-text.ts';
import type { PageMaker } from './page-makers.ts';
import { pageMarkdown } from './page-markdown.ts';
import type { Page } from './page-uri.ts';

const { t } = vscode.l10n;

interface Parts {
  readonly engine: Engine;
  readonly jobs: JobWatcher;
  readonly version: string;
  readonly make: PageMaker;
}

/** Functions that make the text of each kind of page; Markdown for rendered ones. */
export function pageTexts({ engine, jobs, version, make }: Parts): PageTexts {
  return {
    report: async (page, token) => pageMarkdown((await make(page, token)).document),
    findings: async (page, token) => pageMarkdown((await make(page, token)).document),
    files: async (page, token) => pageMarkdown((await make(page, token)).document),
    shadows: async (page, token) => pageMarkdown((await make(page, token)).document),
    environment: async (_page, token) => {
      const found = await engine.request(requests.environment, {}, token);
      const facts = {
        refpoint: version,
        editor: {
          name: vscode.env.appName,
          version: vscode.version,
          remote: vscode.env.remoteName ?? null,
        },
        engine: {
          version: found.version,
          node: found.node,
          platform: found.platform,
          arch: found.arch,
          pid: found.pid,
        },
        koffi: found.koffi,
        folder: found.home,
        stores: readStores(),
      };
      return `${JSON.stringify(facts, undefined, 2)}\n`;
    },
    log: async ({ job: id }) => {
      const job = (await jobs.look()).find((each) => each.id === id);
      const file = job?.log ?? null;
      if (file === null) throw ownFailure('job.notFound', t('The job has no log on this machine.'));
      const text = logText(await readFile(file, 'utf8'));
      return text === '' ? `${t('The job has written nothing to its log.')}\n` : text;
    },
  };
}

/** Makes the contents of one kind of page. */
export type PageText<Kind extends Page['kind']> = (
  page: Extract<Page, { readonly kind: Kind }>,
  token: vscode.CancellationToken,
) => Promise<string>;

export type PageTexts = { readonly [Kind in Page['kind']]: PageText<Kind> };
