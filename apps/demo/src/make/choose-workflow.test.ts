import { expect, test } from 'vitest';
import type { FamilyInfo } from '../../shared/api.ts';
import { chooseWorkflow } from './choose-workflow.ts';

const workflow = (workflow_id: string) => ({ workflow_id, title: '', options: {}, required: [], files: {} });
const family: FamilyInfo = {
  name: 'f',
  title: '',
  package: '',
  task_type: 'x',
  task: '',
  makes: 'image',
  workflows: [workflow('big'), workflow('small')],
};
const onlySmall = (id: string) => (id === 'small' ? undefined : 'no miner');

test('the chosen graph, else the first that can run, else the default', () => {
  expect(chooseWorkflow(family, 'big', onlySmall).workflow_id).toBe('big');
  expect(chooseWorkflow(family, undefined, onlySmall).workflow_id).toBe('small');
  expect(chooseWorkflow(family, 'gone', onlySmall).workflow_id).toBe('small');
  expect(chooseWorkflow(family, undefined, () => 'no miner').workflow_id).toBe('big');
});
