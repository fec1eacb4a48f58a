import type { ReferencedInstance } from '../../cim/client.ts';
import type { ShellSession } from '../shell/shell-session.ts';
import { readPage, type Page } from './decode.ts';
import { marked } from './encode.ts';
import { PageQueue } from './page-queue.ts';
import type { ShellPool } from './shell-pool.ts';

/** Parts of a row that are wanted. */
export type RowForm = 'object' | 'reference' | 'both';

/** A class or a query of a namespace. */
export interface RowSource {
  readonly namespace: string;
  readonly className?: string;
  readonly wql?: string;
  /** Names the request in messages. */
  readonly about: string;
}

export interface RowLimits {
  /** Time limit of the host's operation. */
  readonly seconds: number;
  /** Time limit of each call. */
  readonly milliseconds: number;
}

/** Rows of a page: about a mebibyte of the largest classes. node-powershell joins its whole output again for each piece that arrives. */
const PAGE_ROWS = 200;

/**
 * Reads rows page by page. The shell is given back when the last page has arrived, however slowly
 * the rows are taken: otherwise calls made for each row might wait for ever.
 */
export async function* readRows(
  shells: ShellPool,
  source: RowSource,
  form: RowForm,
  limits: RowLimits,
  signal: AbortSignal,
): AsyncGenerator<Partial<ReferencedInstance>> {
  const pages = new PageQueue<Page['rows']>();
  const filling = shells
    .use(signal, (shell) => fill(shell, pages, source, form, limits, signal))
    .then(
      () => {
        pages.end();
      },
      (error: unknown) => {
        pages.fail(error);
      },
    );
  try {
    for await (const rows of pages) yield* rows;
  } finally {
    pages.abandon();
    await filling;
  }
}

async function fill(
  shell: ShellSession,
  pages: PageQueue<Page['rows']>,
  source: RowSource,
  form: RowForm,
  { seconds, milliseconds }: RowLimits,
  signal: AbortSignal,
): Promise<void> {
  const first = {
    namespace: marked(source.namespace),
    class: source.className === undefined ? null : marked(source.className),
    wql: source.wql === undefined ? null : marked(source.wql),
    form,
    size: PAGE_ROWS,
    seconds,
  };
  const call = (name: 'Read-RpPage' | 'Read-RpRows' | 'Remove-RpPage', data: unknown) =>
    shell.call(name, data, milliseconds, signal, source.about);
  let page = readPage(await call('Read-RpRows', first));
  pages.add(page.rows);
  while (page.more && !pages.abandoned) {
    page = readPage(await call('Read-RpPage', { id: marked(page.id) }));
    pages.add(page.rows);
  }
  if (page.more) await call('Remove-RpPage', { id: marked(page.id) });
}
