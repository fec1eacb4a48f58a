import assert from 'node:assert/strict';
import type { HostTreeNode, StoreTreeNode } from '../../../src/extension/nodes/nodes.ts';
import { until } from './suite.ts';
import { lab, labNode, sampleVm, type Surroundings } from './surroundings.ts';

/** The rows of the trees beyond the first: whose they are, how they are found, how few are drawn again. */
export function treeTests({ suite, services }: Surroundings): void {
  const { hosts, trees, views } = services;
  const below = (node?: HostTreeNode): Promise<HostTreeNode[]> => trees.hosts.getChildren(node);

  suite.test('reference points are told apart: ours, and those of another product', async () => {
    const vm = sampleVm(services);
    await lab(services, 'reference-point', '--vm', vm.row.id);
    await lab(services, 'checkpoint', '--vm', vm.row.id);
    await hosts.refresh();
    const rows = await below(sampleVm(services));
    const kinds = rows.map((node) =>
      node.kind === 'referencePoint' ? `${node.kind} ${node.point.owner}` : node.kind,
    );
    for (const kind of ['vmDisk', 'checkpoint', 'referencePoint ours', 'referencePoint foreign']) {
      assert.ok(kinds.includes(kind), `${kind}: ${kinds.join(', ')}`);
    }
    const ours = rows.find((node) => node.kind === 'referencePoint' && node.point.owner === 'ours');
    assert.ok(ours?.kind === 'referencePoint');
    // By the name that the ledger has for it.
    assert.ok(ours.point.pointId);
    const { label, tooltip } = trees.hosts.getTreeItem(ours);
    assert.ok(typeof label === 'string' && typeof tooltip === 'string');
    assert.match(label, /:\d\d/, 'its time to the second');
    assert.ok(tooltip.includes(ours.point.pointId), 'and its id in the tooltip');
  });

  suite.test(
    'every row of the hosts can be revealed through its parents, by identity',
    async () => {
      const vm = sampleVm(services);
      for (const node of [labNode(services), vm, ...(await below(vm))]) {
        await views.hosts.reveal(node, { select: true, focus: true, expand: true });
        await until(`${node.id} is selected`, () => views.hosts.selection[0]?.id === node.id);
        let top: HostTreeNode | undefined = node;
        while (top !== undefined && top.kind !== 'host') top = trees.hosts.getParent(top);
        assert.equal(top?.id, labNode(services).id, `${node.id} hangs below its host`);
      }
    },
  );

  suite.test('every row of the stores can be revealed too, and every job', async () => {
    let row: StoreTreeNode | undefined;
    for (let depth = 0; depth < 4; depth++) {
      [row] = await trees.stores.getChildren(row);
      assert.ok(row, `a row at depth ${depth}`);
      const { id } = row;
      await views.stores.reveal(row, { select: true, expand: true });
      await until(`${id} is selected`, () => views.stores.selection[0]?.id === id);
    }
    assert.equal(row?.kind, 'pointDisk');
    for (const job of trees.jobs.getChildren()) {
      await views.jobs.reveal(job, { select: true });
      await until(`${job.id} is selected`, () => views.jobs.selection[0]?.id === job.id);
    }
  });

  suite.test('a VM that changes its state is one row drawn again', async () => {
    const drawn: (string | undefined)[] = [];
    const listening = trees.hosts.onDidChangeTreeData((node) => drawn.push(node?.id));
    try {
      const vm = sampleVm(services);
      await lab(services, 'state', '--vm', vm.row.id, '--to', 'off');
      await hosts.refresh();
      assert.deepEqual(drawn, [vm.id]);
      assert.equal(trees.hosts.getTreeItem(sampleVm(services)).description, 'off');
      await lab(services, 'state', '--vm', vm.row.id, '--to', 'running');
      await hosts.refresh();
    } finally {
      listening.dispose();
    }
  });
}
