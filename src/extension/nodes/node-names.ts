import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/api/jobs.ts';
import type { JobNode, VmNode } from './nodes.ts';
import type { VmReferencePoint, VmRow } from '../../engine/api/host.ts';
import { formatSecond } from '../words/format.ts';
import { pointName } from '../words/point-name.ts';

const { t } = vscode.l10n;

export const jobNode = (job: JobInfo): JobNode => ({ kind: 'job', id: `job:${job.id}`, job });

/** Enough of an id to tell VMs of one name apart. */
export const shortId = (id: string): string => id.slice(0, 8);

/** Returns the name of a VM, with its ID if another one may have the same name. */
export function vmLabel({ row, twin }: Pick<VmNode, 'twin'> & { readonly row: VmName }): string {
  const name = row.name === '' ? row.id : row.name;
  return twin ? `${name} (${shortId(row.id)})` : name;
}

type VmName = Pick<VmRow, 'id' | 'name'>;

/** The name of a file on the host, which writes paths with backslashes. */
export const hostFileName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

/** Returns what a reference point is called: the backup point it belongs to, or its time; '' if neither is known. */
export const referencePointName = ({
  pointId,
  created,
}: Pick<VmReferencePoint, 'pointId' | 'created'>): string =>
  pointId === null ? formatSecond(created) : pointName(pointId);

/** Returns the owner of a reference point, according to the ledgers that can be read. */
export function ownerText({ owner }: Pick<VmReferencePoint, 'owner'>): string {
  switch (owner) {
    case 'ours':
      return t('ours');
    case 'foreign':
      return t('of another product');
    case 'unknown':
      return t('owner unknown');
  }
}

export const ownerIcon = ({ owner }: Pick<VmReferencePoint, 'owner'>): string =>
  ({ ours: 'bookmark', foreign: 'lock-small', unknown: 'question' })[owner];
