// The Grafana dashboard, in Grafana's own types: a field that Grafana does not know does not compile. `deploy/grafana/heurist.json`
// is written from it.
import {
  type Dashboard,
  type Panel,
  type RowPanel,
  VariableHide,
  type VariableModel,
  VariableRefresh,
} from '@grafana/schema';

type Query = [expr: string, legend: string];

/** What a panel shows. */
interface Chart {
  title: string;
  description?: string;
  queries: Query[];
  unit?: string;
  /** In columns of 24. Default 8. */
  width?: number;
  isNumber?: boolean;
  isStacked?: boolean;
}

const DATASOURCE = { type: 'prometheus', uid: '$datasource' };
const HERE = 'instance=~"$replica"';

/** Gauges are the same at every replica. */
const max = (metric: string, labels = '', by = '') =>
  `max${by && ` by (${by})`} (${metric}{${[labels, HERE].filter(Boolean).join(', ')}})`;
/** What each replica has of its own, such as a disk. */
const min = (metric: string) => `min (${metric}{${HERE}})`;
/** Counters are a replica's own. */
const rate = (metric: string, labels = '', by = '') =>
  `sum${by && ` by (${by})`} (rate(${metric}{${[labels, HERE].filter(Boolean).join(', ')}}[$__rate_interval]))`;
const quantile = (part: number, metric: string) =>
  `histogram_quantile(${part}, sum by (le) (rate(${metric}_bucket{${HERE}}[$__rate_interval])))`;
const seconds = (metric: string): Query[] => [
  [quantile(0.5, metric), 'half of them'],
  [quantile(0.95, metric), '95 %'],
];

const NOW: Chart[] = [
  { title: 'Replicas', queries: [[`sum(up{job="heurist", ${HERE}})`, '']], isNumber: true, width: 4 },
  { title: 'Miners', queries: [[`sum(${max('heurist_miners', '', 'state')})`, '']], isNumber: true, width: 4 },
  {
    title: 'Tasks waiting',
    queries: [[`sum(${max('heurist_tasks_waiting', '', 'workflow_id')})`, '']],
    isNumber: true,
    width: 4,
  },
  {
    title: 'Tasks running',
    queries: [[`sum(${max('heurist_tasks_running', '', 'workflow_id')})`, '']],
    isNumber: true,
    width: 4,
  },
  {
    title: 'Longest wait',
    queries: [[max('heurist_oldest_waiting_seconds'), '']],
    unit: 's',
    isNumber: true,
    width: 4,
  },
  { title: 'Webhooks due', queries: [[max('heurist_webhooks', 'state="due"'), '']], isNumber: true, width: 4 },
];

const TASKS: Chart[] = [
  {
    title: 'Tasks ended, by outcome',
    queries: [[rate('heurist_tasks_ended_total', '', 'outcome'), '{{outcome}}']],
    unit: 'ops',
    isStacked: true,
  },
  {
    title: 'Tasks ended, by workflow',
    queries: [[rate('heurist_tasks_ended_total', '', 'workflow_id'), '{{workflow_id}}']],
    unit: 'ops',
    isStacked: true,
  },
  {
    title: 'Tasks submitted',
    queries: [[rate('heurist_tasks_submitted_total', '', 'workflow_id'), '{{workflow_id}}']],
    unit: 'ops',
  },
  {
    title: 'Tasks waiting, by workflow',
    queries: [[max('heurist_tasks_waiting', '', 'workflow_id'), '{{workflow_id}}']],
  },
  { title: 'Failures, by code', queries: [[rate('heurist_failures_total', '', 'code'), '{{code}}']], unit: 'ops' },
  {
    title: 'Share of tasks that fail',
    queries: [
      [
        `${rate('heurist_tasks_ended_total', 'outcome="failed"')} / ${rate('heurist_tasks_ended_total', 'outcome=~"finished|failed"')}`,
        'failed',
      ],
    ],
    unit: 'percentunit',
  },
];

const SECONDS: Chart[] = [
  { title: 'Seconds in the queue', queries: seconds('heurist_task_queue_seconds'), unit: 's', width: 6 },
  { title: 'Seconds of the run', queries: seconds('heurist_task_run_seconds'), unit: 's', width: 6 },
  { title: 'Seconds of loading', queries: seconds('heurist_task_load_seconds'), unit: 's', width: 6 },
  { title: 'Seconds of uploading', queries: seconds('heurist_task_upload_seconds'), unit: 's', width: 6 },
];

const MINERS: Chart[] = [
  { title: 'Miners, by state', queries: [[max('heurist_miners', '', 'state'), '{{state}}']], isStacked: true },
  {
    title: 'Miners put aside',
    queries: [[max('heurist_workflow_miners_put_aside', '', 'workflow_id'), '{{workflow_id}}']],
  },
  {
    title: 'Tasks claimed by miners that hold their models',
    description: 'Of the miners that say what they hold. The others load first.',
    queries: [
      [
        `${rate('heurist_claimed_models_total', 'models="warm"')} / ${rate('heurist_claimed_models_total', 'models=~"warm|cold"')}`,
        'warm',
      ],
    ],
    unit: 'percentunit',
  },
  {
    title: 'Model switches',
    queries: [[rate('heurist_model_switches_total', '', 'workflow_id'), '{{workflow_id}}']],
    unit: 'ops',
  },
  {
    title: 'GPUs that load models',
    description: 'Seconds of loading per second, over all miners.',
    queries: [[rate('heurist_model_load_seconds_total', '', 'workflow_id'), '{{workflow_id}}']],
    isStacked: true,
  },
  { title: 'Failures of miners, last day', queries: [[max('heurist_miner_failures', '', 'miner_id'), '{{miner_id}}']] },
  { title: 'Claims, by outcome', queries: [[rate('heurist_claims_total', '', 'outcome'), '{{outcome}}']], unit: 'ops' },
  {
    title: 'Heartbeats, by outcome',
    queries: [[rate('heurist_heartbeats_total', '', 'outcome'), '{{outcome}}']],
    unit: 'ops',
  },
  {
    title: 'Share of time that a GPU computes',
    description: 'Needs the miners to be scraped too. Loading of models counts.',
    queries: [['sum by (comfyui) (rate(heurist_miner_run_seconds_total[$__rate_interval]))', '{{comfyui}}']],
    unit: 'percentunit',
  },
];

const SERVERS: Chart[] = [
  {
    title: 'Requests, by route',
    queries: [[rate('heurist_http_requests_total', '', 'route'), '{{route}}']],
    unit: 'reqps',
  },
  {
    title: 'Requests that fail, by status',
    queries: [[rate('heurist_http_requests_total', 'status=~"[45].."', 'status'), '{{status}}']],
    unit: 'reqps',
  },
  {
    title: 'Requests, by replica',
    queries: [[rate('heurist_http_requests_total', '', 'instance'), '{{instance}}']],
    unit: 'reqps',
  },
  {
    title: 'Bytes over HTTP',
    queries: [
      [rate('heurist_received_bytes_total'), 'received'],
      [rate('heurist_sent_bytes_total'), 'sent'],
    ],
    unit: 'Bps',
  },
  { title: 'Bytes stored', queries: [[rate('heurist_stored_bytes_total', '', 'kind'), '{{kind}}']], unit: 'Bps' },
  {
    title: 'Room for files',
    queries: [
      [max('heurist_kept_bytes'), 'kept'],
      [min('heurist_storage_free_bytes'), 'free'],
    ],
    unit: 'bytes',
  },
  {
    title: 'Deliveries of webhooks',
    queries: [[rate('heurist_webhook_deliveries_total', '', 'outcome'), '{{outcome}}']],
    unit: 'ops',
  },
];

const ROWS: [title: string, charts: Chart[]][] = [
  ['Now', NOW],
  ['Tasks', TASKS],
  ['Time', SECONDS],
  ['Miners', MINERS],
  ['Servers', SERVERS],
];

const variables: VariableModel[] = [
  { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', hide: VariableHide.dontHide },
  {
    name: 'replica',
    label: 'Replica',
    type: 'query',
    datasource: DATASOURCE,
    query: 'label_values(up{job="heurist"}, instance)',
    refresh: VariableRefresh.onTimeRangeChanged,
    includeAll: true,
    multi: true,
    allValue: '.*',
    current: { text: ['All'], value: ['$__all'] },
  },
];

function panelOf({ title, description, queries, unit = 'short', isNumber, isStacked }: Chart, id: number): Panel {
  const type = isNumber ? 'stat' : 'timeseries';
  const custom = isNumber ? {} : { fillOpacity: isStacked ? 30 : 0, stacking: { mode: isStacked ? 'normal' : 'none' } };
  return {
    id,
    type,
    title,
    ...(description && { description }),
    datasource: DATASOURCE,
    fieldConfig: { defaults: { unit, min: 0, custom }, overrides: [] },
    options: isNumber
      ? { reduceOptions: { calcs: ['lastNotNull'] } }
      : { legend: { displayMode: 'list', placement: 'bottom' } },
    targets: queries.map(([expr, legendFormat], index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: DATASOURCE,
      expr,
      legendFormat,
    })),
  };
}

/** Places panels from left to right, and below each other. */
function layOut(): (Panel | RowPanel)[] {
  const panels: (Panel | RowPanel)[] = [];
  let y = 0;
  let id = 1;
  for (const [title, charts] of ROWS) {
    panels.push({ id: id++, type: 'row', title, collapsed: false, panels: [], gridPos: { x: 0, y: y++, w: 24, h: 1 } });
    const h = charts[0]?.isNumber ? 4 : 8;
    let x = 0;
    for (const chart of charts) {
      const w = chart.width ?? 8;
      if (x + w > 24) {
        x = 0;
        y += h;
      }
      panels.push({ ...panelOf(chart, id++), gridPos: { x, y, w, h } });
      x += w;
    }
    y += h;
  }
  return panels;
}

/** The dashboard. */
export const dashboard: Dashboard = {
  uid: 'heurist',
  title: 'Heurist network',
  description:
    'Tasks, miners and servers of a network. Counters are summed over replicas; gauges, which all report alike, are not.',
  tags: ['heurist'],
  editable: true,
  schemaVersion: 41,
  refresh: '30s',
  time: { from: 'now-3h', to: 'now' },
  templating: { list: variables },
  panels: layOut(),
};
