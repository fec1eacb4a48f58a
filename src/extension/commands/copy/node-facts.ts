import { currentHost } from '../../settings/hosts.ts';
import type { AnyNode } from '../../nodes/nodes.ts';

/** The id by which the field knows what a row is about. */
export function nodeId(node: AnyNode): string {
  switch (node.kind) {
    case 'host':
      return node.host.url;
    case 'vm':
      return node.row.id;
    case 'vmDisk':
      return node.disk.diskId ?? node.disk.path;
    case 'checkpoint':
      return node.checkpoint.id;
    case 'referencePoint':
    case 'point':
      return node.point.id;
    case 'store':
      return node.path;
    case 'storeVm':
      return node.vm.id;
    case 'pointDisk':
      return node.disk.path;
    case 'job':
      return node.job.id;
    case 'group':
      return node.row.id;
    case 'groupMember':
      return node.member.id;
    case 'groupDisk':
      return node.disk.diskId ?? node.disk.path;
    case 'message':
      return node.detail;
  }
}

/** The facts behind a row, as the command's --json has them. No secret is ever in one. */
export function nodeFacts(node: AnyNode): object {
  switch (node.kind) {
    case 'host':
      return currentHost(node.host);
    case 'vm':
      return node.row;
    case 'vmDisk':
      return node.disk;
    case 'checkpoint':
      return node.checkpoint;
    case 'referencePoint':
    case 'point':
      return node.point;
    case 'store':
      return { path: node.path };
    case 'storeVm':
      return node.vm;
    case 'pointDisk':
      return node.disk;
    case 'job':
      return node.job;
    case 'group':
      return node.row;
    case 'groupMember':
      return node.member;
    case 'groupDisk':
      return node.disk;
    case 'message':
      return { severity: node.severity, message: node.detail };
  }
}
