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

/** Findings of a host on which rights are missing, with the commands that grant them. @param name of the host. */
export const sampleRights = (name: string): PageDocument => ({
  title: name,
  links: [link('Edit Host…', 0), link('How to Prepare a Host', 1), link('Open as Markdown', 2)],
  sections: [
    {
      ...section,
      facts: [
        { name: 'Address', value: [code('http://hv01.corp.example:5985/wsman')] },
        {
          name: 'Login',
          value: [
            text(
              'NTLM, messages sealed. Kerberos was not possible: the realm has no service HTTP/hv01',
            ),
          ],
        },
      ],
    },
    {
      ...section,
      heading: 'Rights of the Account',
      facts: [
        { name: 'VMs, disks and checkpoints', value: [text('yes')] },
        {
          name: 'Reference points',
          value: [
            text('no · The account is neither an administrator nor in Hyper-V Administrators.'),
          ],
        },
      ],
    },
    {
      ...section,
      depth: 3,
      heading: 'Grant What Is Missing',
      none: 'Run on the host, in Windows PowerShell as an administrator.',
      commands: [
        {
          title: 'The account is neither an administrator nor in Hyper-V Administrators.',
          text: `Add-LocalGroupMember -SID S-1-5-32-578 -Member '${name}'`,
          copy: link('Copy', 3),
        },
        {
          title: 'The security of the WMI namespace refuses the account.',
          text: Array.from(
            { length: 30 },
            (_, i) => `$line${i} = Invoke-CimMethod -InputObject $s -Arguments @{Descriptor=$sd}`,
          ).join('\n'),
          copy: link('Copy', 4),
        },
      ],
    },
  ],
});

/** Answers of the extension; keeps the links that were followed. */
export function reportAnswers(
  name: string,
  make: (name: string) => PageDocument = sampleReport,
): {
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
    return { document: make(name), state };
  };
  return { answer, followed };
}
