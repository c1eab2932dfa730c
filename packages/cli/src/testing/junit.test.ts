import { expect, test } from 'vitest';
import { junitXml } from './junit.ts';

test('JUnit: counts, times, and nothing of a name or a message is markup', () => {
  const miss = { what: 'task', expected: 'finished', got: 'a "</failure>" & \u001b[31m\u0000red\uffff\ud800\nline' };
  const xml = junitXml('my-flow', [
    { name: 'passes', seconds: 1.5, misses: [], came: '', saved: [] },
    { name: `<fails> & 'so'`, seconds: 0.25, misses: [miss, { ...miss, got: 'x' }], came: '', saved: [] },
  ]);
  expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="2" failures="1" errors="0" skipped="0" time="1.750">
  <testsuite name="my-flow" tests="2" failures="1" errors="0" skipped="0" time="1.750">
    <testcase classname="my-flow" name="passes" time="1.500"/>
    <testcase classname="my-flow" name="&lt;fails&gt; &amp; &apos;so&apos;" time="0.250">
      <failure message="task: expected finished, got a &quot;&lt;/failure&gt;&quot; &amp; [31mred&#10;line" type="expectation">task: expected finished, got a &quot;&lt;/failure&gt;&quot; &amp; [31mred&#10;line&#10;task: expected finished, got x</failure>
    </testcase>
  </testsuite>
</testsuites>
`);
});
