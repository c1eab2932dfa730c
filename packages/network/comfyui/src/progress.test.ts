import { expect, test } from 'vitest';
import { createProgressTracker } from './progress.ts';

const node = (class_type: string) => ({ class_type, inputs: {} });
// weights: 1 + 20 + 20 + 1
const graph = { load: node('Loader'), sample: node('KSampler'), decode: node('VAEDecode'), save: node('SaveImage') };
const percentOf = (part: number) => (100 * part) / 42;

const executing = (id: string | null) => ({ type: 'executing', data: { node: id } });
const progress = (value: unknown, max: unknown) => ({ type: 'progress', data: { value, max } });

test('nodes count by the time that they take', () => {
  const track = createProgressTracker(graph);
  expect(track(executing('load'))).toEqual({ percent: 0, node_id: 'load', node_type: 'Loader' });
  expect(track(executing('sample'))?.percent).toBeCloseTo(percentOf(1));
  expect(track(progress(5, 20))?.percent).toBeCloseTo(percentOf(1 + 5));
  expect(track(executing('decode'))?.percent).toBeCloseTo(percentOf(21));
  expect(track(executing('save'))?.percent).toBeCloseTo(percentOf(41));
  expect(track(executing(null))).toEqual({ percent: 100 });
});

test('cached nodes are done, and success is the whole', () => {
  const track = createProgressTracker(graph);
  expect(track({ type: 'execution_cached', data: { nodes: ['load', 'sample'] } })?.percent).toBeCloseTo(percentOf(21));
  expect(track({ type: 'execution_success', data: {} })?.percent).toBe(100);
});

test('never goes back, nor above 100', () => {
  const track = createProgressTracker(graph);
  track(executing('sample'));
  const high = track(progress(20, 20))!.percent;
  expect(track(progress(1, 20))?.percent).toBe(high);
  expect(track(progress(99, 20))?.percent).toBe(high);
});

test.each([
  [0, 0],
  ['x', 4],
  [1, 'x'],
])('a step %s of %s is no progress', (value, max) => {
  const track = createProgressTracker(graph);
  track(executing('sample'));
  expect(track(progress(value, max))?.percent).toBe(0);
});

test('the progress of a node ends with it', () => {
  const track = createProgressTracker(graph);
  track(executing('load'));
  track(progress(1, 1));
  expect(track(executing('sample'))?.percent).toBeCloseTo(percentOf(1));
});

test('a node inside an expanded one is shown as the one that the graph has', () => {
  const track = createProgressTracker(graph);
  const data = { node: 'sample.0.1', display_node: 'sample' };
  expect(track({ type: 'executing', data })).toMatchObject({ node_id: 'sample', node_type: 'KSampler' });
});

test('a node that the graph does not have counts as one, and messages without news are none', () => {
  const track = createProgressTracker(graph);
  expect(track(executing('ghost'))).toMatchObject({ node_id: 'ghost', node_type: '' });
  expect(track({ type: 'status', data: {} })).toBeUndefined();
});

test('an unknown graph goes from 0 to 100', () => {
  const track = createProgressTracker({});
  expect(track({ type: 'execution_success', data: {} })?.percent).toBe(0);
  track(executing('a'));
  expect(track(executing(null))?.percent).toBe(100);
});
