import type { PageDocument, PagePart } from '../../../src/views/api/report-page.ts';
import { REPORT_PAGE_STRINGS } from '../../../src/views/api/report-page-strings.ts';
import type { Answer } from './view-page.ts';

export const REPORT_INIT = { strings: REPORT_PAGE_STRINGS };

const text = (words: string): PagePart => ({ kind: 'text', text: words });
const code = (words: string): PagePart => ({ kind: 'code', text: words });
const link = (words: string, number: number): PagePart & { kind: 'link' } => ({
  kind: 'link',
  text: words,
  link: number,
});
const section = { heading: '', depth: 2, links: [], facts: [], notes: [], none: '' } as const;

/** A report with everything that a page may have. @param name of the VM. */
export const sampleReport = (name: string): PageDocument => ({
  title: `Incremental backup: ${name}`,
  links: [link('Restore…', 0), link('Verify', 1), link('Open as Markdown', 2)],
  sections: [
    {
      ...section,
      facts: [
        { name: 'Virtual machine', value: [code(name), text(' '), code('2b1d0a7c-4f6e')] },
        {
          name: 'Store',
          value: [code('\\\\nas01\\backup\\a-long-name-of-a-share\\hyperv\\store')],
        },
        {
          name: 'Builds on',
          value: [code('20260228T100000Z-full'), text(' '), link('Show Report', 3)],
        },
      ],
    },
    { ...section, heading: 'Disks' },
    {
      ...section,
      depth: 3,
      heading: `Disk 0: ${name}`,
      links: [link('Open Change Map', 4), link('Open Disk', 5), link('Restore Disk…', 6)],
      facts: [{ name: 'Hash root', value: [code('ab'.repeat(32))] }],
    },
    {
      ...section,
      heading: 'Findings of the last verification',
      notes: (['error', 'warning', 'info'] as const).map((severity) => ({
        severity,
        label: severity,
        parts: [
          text(`Something about ${name} (`),
          code('hashes.damaged'),
          text(') '),
          link('Verify', 1),
        ],
      })),
    },
    { ...section, heading: 'Findings of the Host', none: 'Nothing stands in the way of backups.' },
  ],
});

/** Answers of the extension; keeps the links that were followed. */
export function reportAnswers(name: string): {
  readonly answer: Answer;
  readonly followed: unknown[];
} {
  const followed: unknown[] = [];
  const answer: Answer = async (method, params) => {
    if (method === 'follow') {
      followed.push((params as { readonly link: number }).link);
      return {};
    }
    const state = { version: 1, page: { kind: 'report' }, name };
    return { document: sampleReport(name), state };
  };
  return { answer, followed };
}
